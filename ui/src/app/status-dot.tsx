import { Popover } from '@base-ui/react/popover'
import { formatDateTime, formatNumber, t } from '../i18n'
import { cx } from '../ui/cx'
import popup from '../ui/popup.module.css'
import { useServer } from './server-state'
import styles from './status-dot.module.css'

/** One dot for the server and its database; the words come on hover, focus or press. */
export function StatusDot() {
  const { state, status } = useServer()
  const word = t(`status.${state}`)
  const server = state === 'unknown' ? 'unknown' : state === 'away' ? 'down' : 'up'
  const database = state === 'away' ? 'unknown' : (status?.database ?? 'unknown')
  const savedAt = status?.snapshot.saved_at
  const facts: [string, string][] = [
    [t('status.server'), t(`status.word.${server}`)],
    [t('status.database'), t(`status.word.${database}`)],
  ]
  if (status) {
    facts.push(
      [t('status.version'), status.version],
      [t('status.revision'), formatNumber(status.snapshot.revision)],
      [t('status.users'), formatNumber(status.snapshot.users)],
      [t('status.savedAt'), savedAt ? formatDateTime(savedAt) : t('status.never')],
    )
  }

  return (
    <Popover.Root>
      <Popover.Trigger
        openOnHover
        delay={150}
        aria-label={t('status.menu', { state: word })}
        className={cx(popup.trigger, styles.trigger)}
        data-state={state}
      >
        <span className={styles.dot} />
        <span className={styles.word}>{word}</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner align="end" sideOffset={4} className={popup.positioner}>
          <Popover.Popup className={cx(popup.popup, styles.popup)}>
            <Popover.Title className={styles.title}>{word}</Popover.Title>
            <dl className={styles.facts}>
              {facts.map(([name, value]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{value}</dd>
                </div>
              ))}
            </dl>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}
