import type { ReactNode } from 'react'
import type { LiveKind } from '../../api/types'
import { formatTime, t } from '../../i18n'
import type { Live } from '../../live/use-live'
import { ErrorPanel } from '../../ui/error-panel'
import { Skeleton } from '../../ui/skeleton'
import styles from './tab.module.css'

/** Waiting, failure and age of what lives in a switch. */
export function Kept<K extends LiveKind>({
  live,
  children,
}: {
  live: Live<K>
  children: ReactNode
}) {
  if (!live.ready) {
    if (!live.error) return <Skeleton />
    return <ErrorPanel error={live.error} tried={t('live.tried')} onRetry={live.retry} />
  }
  const since = live.staleSince
  return (
    <>
      <div role="status" className={since === null ? undefined : styles.stale}>
        {since !== null && t('live.stale', { time: formatTime(since) })}
      </div>
      <div className={since === null ? styles.plain : styles.old}>{children}</div>
    </>
  )
}
