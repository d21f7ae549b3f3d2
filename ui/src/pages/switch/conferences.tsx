import { useMemo } from 'react'
import type { ConferenceMember } from '../../api/types'
import { t } from '../../i18n'
import { SmallTable } from '../../lists/small-table'
import { useLive } from '../../live/use-live'
import { Button } from '../../ui/button'
import { type Tone, ToneWord } from '../../ui/tone'
import { Verbatim } from '../../ui/verbatim'
import { Kept } from './kept'
import { Nothing } from './nothing'
import { useOrders } from './orders'
import { Person } from './person'
import type { TabProps } from './tab'
import styles from './tab.module.css'

const KINDS = ['conferences', 'conference_members'] as const

function stateOf({ flags }: ConferenceMember): [Tone, string][] {
  const all: [boolean | null, Tone, string][] = [
    [flags.is_moderator, 'plain', t('conferences.moderator')],
    [flags.can_speak === false, 'warn', t('conferences.muted')],
    [flags.can_hear === false, 'warn', t('conferences.deaf')],
    [flags.hold, 'warn', t('conferences.held')],
    [flags.talking, 'good', t('conferences.talking')],
  ]
  return all.filter(([is]) => is).map(([, tone, word]) => [tone, word])
}

export function ConferencesTab({ one }: TabProps) {
  const live = useLive(one.key, KINDS)
  const { give, said, pending } = useOrders(one.key)
  const conferences = useMemo(() => {
    const members = [...live.rows.conference_members.values()].sort(
      (a, b) => (a.id ?? 0) - (b.id ?? 0),
    )
    return [...live.rows.conferences.values()]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((conference) => ({
        ...conference,
        members: members.filter((member) => member.conference === conference.name),
      }))
  }, [live.rows])
  if (live.ready && conferences.length === 0) {
    return <Nothing one={one} title={t('conferences.empty')} hint={t('conferences.emptyHint')} />
  }

  const order = (action: string, { conference, id }: ConferenceMember) => ({
    command: 'conference.member',
    values: { conference, action, member: String(id) },
  })
  const kick = (member: ConferenceMember) =>
    give({
      ...order('kick', member),
      ask: {
        title: t('conferences.kickTitle'),
        action: t('conferences.kick'),
        danger: true,
        text: (
          <>
            <Person name={member.cid_name} number={member.cid_num} />
            <p>{t('conferences.kickText')}</p>
          </>
        ),
      },
    })

  return (
    <Kept live={live}>
      {said}
      <div className={styles.scroll}>
        {conferences.map(({ name, locked, recording, members }) => (
          <section key={name} className={styles.section}>
            <h2>
              <Verbatim text={name} />
              <span className={styles.count}>{t('conferences.count', { n: members.length })}</span>
              {locked && <ToneWord tone="warn">{t('conferences.locked')}</ToneWord>}
              {recording && <ToneWord tone="bad">{t('conferences.recording')}</ToneWord>}
              <Button
                disabled={pending}
                onClick={() =>
                  give({
                    command: 'conference.lock',
                    values: { conference: name, action: locked ? 'unlock' : 'lock' },
                  })
                }
              >
                {t(locked ? 'conferences.unlock' : 'conferences.lock')}
              </Button>
            </h2>
            <SmallTable
              label={t('conferences.membersOf', { name })}
              items={members}
              keyOf={({ id }) => id ?? 0}
              columns={[
                {
                  title: t('conferences.member'),
                  cell: ({ cid_name, cid_num }) => <Person name={cid_name} number={cid_num} />,
                },
                { title: t('conferences.number'), width: 'max-content', cell: ({ id }) => id },
                {
                  title: t('list.state'),
                  cell: (member) =>
                    stateOf(member).map(([tone, word]) => (
                      <ToneWord key={word} tone={tone}>
                        {word}
                      </ToneWord>
                    )),
                },
              ]}
              actions={(member) => {
                const muted = member.flags.can_speak === false
                const deaf = member.flags.can_hear === false
                return (
                  <>
                    <Button
                      disabled={pending}
                      onClick={() => give(order(muted ? 'unmute' : 'mute', member))}
                    >
                      {t(muted ? 'conferences.unmute' : 'conferences.mute')}
                    </Button>
                    <Button
                      disabled={pending}
                      onClick={() => give(order(deaf ? 'undeaf' : 'deaf', member))}
                    >
                      {t(deaf ? 'conferences.undeafen' : 'conferences.deafen')}
                    </Button>
                    <Button disabled={pending} onClick={() => kick(member)}>
                      {t('conferences.kick')}
                    </Button>
                  </>
                )
              }}
            />
          </section>
        ))}
      </div>
    </Kept>
  )
}
