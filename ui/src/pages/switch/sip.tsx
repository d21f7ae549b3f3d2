import { type FormEvent, useMemo } from 'react'
import type { Gateway, Profile } from '../../api/types'
import { formatNumber, t } from '../../i18n'
import { SmallTable } from '../../lists/small-table'
import { useLive } from '../../live/use-live'
import { Button } from '../../ui/button'
import { cx } from '../../ui/cx'
import { ToneWord } from '../../ui/tone'
import { Verbatim } from '../../ui/verbatim'
import { Interrupts } from './interrupts'
import { Kept } from './kept'
import { Nothing } from './nothing'
import { useOrders } from './orders'
import type { TabProps } from './tab'
import styles from './tab.module.css'
import { gatewayTone, profileTone } from './tones'

const KINDS = ['profiles', 'gateways', 'channels', 'registrations'] as const

const SOFIA = 'sofia'
const isRunning = ({ state }: Profile) => state?.startsWith('RUNNING') ?? false
const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)
const count = (n: number | null) => n !== null && formatNumber(n)

export function SipTab({ one }: TabProps) {
  const live = useLive(one.key, KINDS)
  const { give, said, pending } = useOrders(one.key)
  const profiles = useMemo(() => [...live.rows.profiles.values()].sort(byName), [live.rows])
  const gateways = useMemo(() => [...live.rows.gateways.values()].sort(byName), [live.rows])

  /** Asks, and says whose calls would end. */
  const interrupt = (what: 'stop' | 'restart', profile: string) => {
    const start = `sofia/${profile}/`
    const calls = [...live.rows.channels.values()].filter(({ name }) => name?.startsWith(start))
    const registered = [...live.rows.registrations.values()].filter(
      (row) => row.profile === null || row.profile === profile,
    )
    give({
      command: `sofia.${what}`,
      values: { profile },
      ask: {
        title: t(`sip.${what}Title`),
        action: t(`sip.${what}`),
        danger: true,
        text: (
          <>
            <Verbatim text={profile} full />
            <p>
              <Interrupts channels={calls.length} registrations={registered.length} />
            </p>
          </>
        ),
      },
    })
  }
  const start = (profile: string) => give({ command: 'sofia.start', values: { profile } })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const profile = String(new FormData(event.currentTarget).get('profile') ?? '').trim()
    if (profile !== '') start(profile)
  }

  const actions = (profile: Profile) => {
    if (profile.kind !== SOFIA) return null
    const { name } = profile
    if (!isRunning(profile)) {
      return (
        <Button disabled={pending} onClick={() => start(name)}>
          {t('sip.start')}
        </Button>
      )
    }
    return (
      <>
        <Button
          disabled={pending}
          onClick={() => give({ command: 'sofia.rescan', values: { profile: name } })}
        >
          {t('sip.rescan')}
        </Button>
        <Button disabled={pending} onClick={() => interrupt('restart', name)}>
          {t('sip.restart')}
        </Button>
        <Button disabled={pending} onClick={() => interrupt('stop', name)}>
          {t('sip.stop')}
        </Button>
      </>
    )
  }
  const register = ({ profile, name, state }: Gateway) =>
    state !== 'NOREG' && (
      <Button
        disabled={pending}
        onClick={() => give({ command: 'sofia.register', values: { profile, gateway: name } })}
      >
        {t('sip.register')}
      </Button>
    )

  if (live.ready && profiles.length === 0 && gateways.length === 0 && one.phase === 'away') {
    return <Nothing one={one} title="" />
  }
  return (
    <Kept live={live}>
      {said}
      <div className={styles.scroll}>
        <section className={styles.section}>
          <h2>{t('sip.profiles')}</h2>
          {profiles.length === 0 ? (
            <p className={styles.empty}>{t('sip.noProfiles')}</p>
          ) : (
            <SmallTable
              label={t('sip.profiles')}
              items={profiles}
              keyOf={({ kind, name }) => `${kind}::${name}`}
              columns={[
                { title: t('sip.profile'), cell: ({ name }) => <Verbatim text={name} /> },
                {
                  title: t('list.state'),
                  width: 'max-content',
                  cell: (profile) => (
                    <ToneWord tone={isRunning(profile) ? 'good' : profileTone(profile.state)}>
                      <Verbatim text={profile.state ?? '–'} />
                    </ToneWord>
                  ),
                },
                {
                  title: t('sip.uri'),
                  width: 'minmax(0, 2fr)',
                  cell: ({ uri }) => uri && <Verbatim text={uri} />,
                },
                {
                  title: t('sip.module'),
                  width: 'max-content',
                  cell: ({ kind }) => <Verbatim text={kind} />,
                },
                {
                  title: t('switches.calls'),
                  width: 'max-content',
                  cell: ({ calls }) => count(calls),
                },
              ]}
              actions={actions}
            />
          )}
          <form className={styles.form} onSubmit={submit}>
            <label className={styles.field}>
              {t('sip.startOther')}
              <input name="profile" autoComplete="off" autoCapitalize="none" spellCheck={false} />
            </label>
            <Button type="submit" disabled={pending}>
              {t('sip.start')}
            </Button>
          </form>
        </section>
        <section className={styles.section}>
          <h2>{t('sip.gateways')}</h2>
          {gateways.length === 0 ? (
            <p className={styles.empty}>{t('sip.noGateways')}</p>
          ) : (
            <SmallTable
              label={t('sip.gateways')}
              items={gateways}
              keyOf={({ profile, name }) => `${profile}::${name}`}
              columns={[
                { title: t('sip.gateway'), cell: ({ name }) => <Verbatim text={name} /> },
                {
                  title: t('list.state'),
                  width: 'max-content',
                  cell: ({ state, status }) => (
                    <>
                      <ToneWord tone={gatewayTone(state)}>
                        <Verbatim text={state ?? '–'} />
                      </ToneWord>
                      {status && (
                        <Verbatim text={status} className={cx(status !== 'UP' && styles.down)} />
                      )}
                    </>
                  ),
                },
                {
                  title: t('sip.uri'),
                  width: 'minmax(0, 2fr)',
                  cell: ({ uri }) => uri && <Verbatim text={uri} />,
                },
                { title: t('sip.profile'), cell: ({ profile }) => <Verbatim text={profile} /> },
                { title: t('sip.in'), width: 'max-content', cell: (row) => count(row.calls_in) },
                { title: t('sip.out'), width: 'max-content', cell: (row) => count(row.calls_out) },
              ]}
              actions={register}
            />
          )}
        </section>
      </div>
    </Kept>
  )
}
