import type { Switch } from '../../api/types'
import { formatDateTime, t } from '../../i18n'
import { visibleBlock } from '../../tree/text'
import styles from './page.module.css'

const at = (ms: number) => formatDateTime(new Date(ms).toISOString())

/** What is in the way of a switch, what to do about it, and how old what is shown of it is. */
export function Trouble({ one }: { one: Switch }) {
  const unread = Object.entries(one.unread)
  if (one.trouble === null && one.stale_since_ms === null && unread.length === 0) return null
  return (
    <div className={styles.trouble}>
      {one.trouble !== null && (
        <p>
          {t('switches.trouble', { trouble: visibleBlock(one.trouble) })}
          {one.failures > 1 && ` ${t('switches.failures', { n: one.failures })}`}
        </p>
      )}
      {one.advice !== null && <p>{t('switches.advice', { advice: one.advice })}</p>}
      {unread.map(([part, why]) => (
        <p key={part}>{t('switches.unread', { part, why: visibleBlock(why) })}</p>
      ))}
      {one.stale_since_ms !== null && (
        <p className={styles.stale}>{t('switches.stale', { time: at(one.stale_since_ms) })}</p>
      )}
    </div>
  )
}
