import { Link } from '@tanstack/react-router'
import { useInstance } from '../app/place'
import { t } from '../i18n'
import { Notice } from '../ui/notice'
import { PageHeader } from '../ui/page-header'
import { ImportCommand } from './import-command'

export function FirstRun() {
  const instance = useInstance()
  return (
    <>
      <PageHeader title={t('nav.overview')} />
      <Notice title={t('firstRun.title')} text={t('firstRun.text')}>
        <ImportCommand />
        <p>{t('firstRun.after')}</p>
        <Link to="/i/$instance/help/import" params={{ instance }}>
          {t('help.import.title')}
        </Link>
      </Notice>
    </>
  )
}
