import { explain } from '../api/errors'
import { t } from '../i18n'
import { Button } from './button'
import styles from './error-panel.module.css'

interface Props {
  error: unknown
  /** What was being done, as a sentence. */
  tried: string
  onRetry?: () => void
}

export function ErrorPanel({ error, tried, onRetry }: Props) {
  const { happened, remedy, details } = explain(error)
  return (
    <div role="alert" className={styles.panel}>
      <h2>{t('error.title')}</h2>
      <p className={styles.tried}>{tried}</p>
      <p>{happened}</p>
      <p>{remedy}</p>
      <details className={styles.details}>
        <summary>{t('error.details')}</summary>
        <pre>{details}</pre>
      </details>
      {onRetry && <Button onClick={onRetry}>{t('error.retry')}</Button>}
    </div>
  )
}
