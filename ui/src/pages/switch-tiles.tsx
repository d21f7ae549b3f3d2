import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { switchesQuery } from '../api/queries'
import { useInstance } from '../app/place'
import { formatNumber, t } from '../i18n'
import { cx } from '../ui/cx'
import { ToneWord } from '../ui/tone'
import { Verbatim } from '../ui/verbatim'
import { phaseTone } from './switch/tones'
import styles from './switches.module.css'

/** How the switches are, at a glance. Whoever may not see them sees none. */
export function SwitchTiles() {
  const instance = useInstance()
  const { data: all = [] } = useQuery(switchesQuery)
  if (all.length === 0) return null
  return (
    <section className={styles.tiles} aria-label={t('switches.title')}>
      {all.map((one) => (
        <Link
          key={one.key}
          to="/i/$instance/switches/$key"
          params={{ instance, key: one.key }}
          className={styles.tile}
        >
          <div className={styles.who}>
            <Verbatim text={one.name} />
            <ToneWord tone={phaseTone[one.phase]}>{t(`switches.phase.${one.phase}`)}</ToneWord>
          </div>
          <dl className={cx(styles.numbers, one.stale_since_ms !== null && styles.old)}>
            <div>
              <dt>{t('switches.answered')}</dt>
              <dd>{formatNumber(one.answered)}</dd>
            </div>
            <div>
              <dt>{t('switches.registrations')}</dt>
              <dd>{formatNumber(one.counts.registrations ?? 0)}</dd>
            </div>
          </dl>
        </Link>
      ))}
    </section>
  )
}
