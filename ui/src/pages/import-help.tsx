import { useTitle } from '../app/title'
import { t } from '../i18n'
import { PageHeader } from '../ui/page-header'
import { ImportCommand } from './import-command'
import styles from './import-help.module.css'

export function ImportHelpPage() {
  useTitle(t('help.import.title'))
  return (
    <>
      <PageHeader title={t('help.import.title')} />
      <div className={styles.text}>
        <p>{t('help.import.what')}</p>
        <ImportCommand />
        <p>{t('help.import.kept')}</p>
        <p>{t('help.import.again')}</p>
      </div>
    </>
  )
}
