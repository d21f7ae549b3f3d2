import { formatTime, t } from '../i18n'
import { useServer, useShownSince } from './server-state'
import styles from './stale-note.module.css'

/** Says that what is shown may be old, and how old. */
export function StaleNote() {
  const { state } = useServer()
  const since = useShownSince()
  if (state !== 'away' && state !== 'databaseDown') return <div role="status" />
  const away = since === null ? t('status.noData') : t('status.asOf', { time: formatTime(since) })
  return (
    <div role="status" className={styles.note}>
      {state === 'away' ? away : t('status.databaseNote')}
    </div>
  )
}
