import { useMemo } from 'react'
import { t } from '../../i18n'
import { SmallTable } from '../../lists/small-table'
import { lasting } from '../../live/calls'
import { useLive } from '../../live/use-live'
import { useNow } from '../../live/use-now'
import { visible } from '../../tree/text'
import { ToneWord } from '../../ui/tone'
import { Verbatim } from '../../ui/verbatim'
import { Kept } from './kept'
import { Nothing } from './nothing'
import { useOrders } from './orders'
import { Person } from './person'
import type { TabProps } from './tab'
import styles from './tab.module.css'
import { agentTone, memberTone } from './tones'

const KINDS = ['queues', 'agents', 'tiers', 'members'] as const

// FreeSWITCH's words.
const STATUSES = ['Available', 'Available (On Demand)', 'On Break', 'Logged Out']
// mod_callcenter sets the others itself, while it has a call for the agent.
const STATES = ['Idle', 'Waiting']

const sorted = <T,>(rows: ReadonlyMap<string, T>): T[] =>
  [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)
const text = (value: string | null) => value && <Verbatim text={value} />

function Since({ began, offset }: { began: number | null; offset: number | null }) {
  return <>{lasting(began, useNow(), offset) ?? '–'}</>
}

interface WordProps {
  label: string
  value: string | null
  words: string[]
  disabled: boolean
  onChange: (word: string) => void
}

/** One of some words, or another one that it has now. */
function Word({ label, value, words, disabled, onChange }: WordProps) {
  return (
    <select
      className={styles.select}
      aria-label={label}
      title={label}
      value={value ?? ''}
      disabled={disabled}
      onChange={({ target }) => onChange(target.value)}
    >
      {(value === null || !words.includes(value)) && (
        <option value={value ?? ''}>{visible(value ?? '–')}</option>
      )}
      {words.map((word) => (
        <option key={word}>{word}</option>
      ))}
    </select>
  )
}

export function CallCenterTab({ one }: TabProps) {
  const live = useLive(one.key, KINDS)
  const { give, said, pending } = useOrders(one.key)
  const offset = one.status?.clock_offset_ms ?? null
  const { queues, agents, tiers, members } = useMemo(
    () => ({
      queues: sorted(live.rows.queues),
      agents: sorted(live.rows.agents),
      tiers: sorted(live.rows.tiers),
      members: sorted(live.rows.members).sort(
        (a, b) => (a.joined_epoch ?? 0) - (b.joined_epoch ?? 0),
      ),
    }),
    [live.rows],
  )
  if (live.ready && queues.length === 0 && agents.length === 0) {
    return <Nothing one={one} title={t('callcenter.empty')} hint={t('callcenter.emptyHint')} />
  }
  return (
    <Kept live={live}>
      {said}
      <div className={styles.scroll}>
        <section className={styles.section}>
          <h2>{t('callcenter.queues')}</h2>
          <SmallTable
            label={t('callcenter.queues')}
            items={queues}
            keyOf={({ name }) => name}
            columns={[
              { title: t('callcenter.queue'), cell: ({ name }) => <Verbatim text={name} /> },
              { title: t('callcenter.strategy'), cell: ({ strategy }) => text(strategy) },
              {
                title: t('callcenter.waiting'),
                width: 'max-content',
                cell: ({ count }) => count ?? '–',
              },
              {
                title: t('callcenter.taken'),
                width: 'max-content',
                cell: ({ calls_answered }) => calls_answered ?? '–',
              },
              {
                title: t('callcenter.abandoned'),
                width: 'max-content',
                cell: ({ calls_abandoned }) => calls_abandoned ?? '–',
              },
            ]}
          />
        </section>
        <section className={styles.section}>
          <h2>{t('callcenter.members')}</h2>
          {members.length === 0 ? (
            <p className={styles.empty}>{t('callcenter.noMembers')}</p>
          ) : (
            <SmallTable
              label={t('callcenter.members')}
              items={members}
              keyOf={({ uuid }) => uuid}
              columns={[
                {
                  title: t('calls.caller'),
                  cell: ({ cid_name, cid_number }) => (
                    <Person name={cid_name} number={cid_number} />
                  ),
                },
                { title: t('callcenter.queue'), cell: ({ queue }) => <Verbatim text={queue} /> },
                {
                  title: t('list.state'),
                  width: 'max-content',
                  cell: ({ state }) => (
                    <ToneWord tone={memberTone(state)}>
                      <Verbatim text={state ?? '–'} />
                    </ToneWord>
                  ),
                },
                {
                  title: t('callcenter.since'),
                  width: 'max-content',
                  cell: ({ joined_epoch }) => <Since began={joined_epoch} offset={offset} />,
                },
                { title: t('callcenter.agent'), cell: ({ serving_agent }) => text(serving_agent) },
              ]}
            />
          )}
        </section>
        <section className={styles.section}>
          <h2>{t('callcenter.agents')}</h2>
          <SmallTable
            label={t('callcenter.agents')}
            items={agents}
            keyOf={({ name }) => name}
            columns={[
              {
                title: t('callcenter.agent'),
                width: 'minmax(0, 1.5fr)',
                cell: ({ name }) => <Verbatim text={name} />,
              },
              {
                title: t('callcenter.status'),
                width: 'max-content',
                cell: ({ name, status }) => (
                  <ToneWord tone={agentTone(status)}>
                    <Word
                      label={t('callcenter.setStatus', { name })}
                      value={status}
                      words={STATUSES}
                      disabled={pending}
                      onChange={(word) =>
                        give({
                          command: 'callcenter.agent.status',
                          values: { agent: name, status: word },
                        })
                      }
                    />
                  </ToneWord>
                ),
              },
              {
                title: t('list.state'),
                width: 'max-content',
                cell: ({ name, state }) => (
                  <Word
                    label={t('callcenter.setState', { name })}
                    value={state}
                    words={STATES}
                    disabled={pending}
                    onChange={(word) =>
                      give({
                        command: 'callcenter.agent.state',
                        values: { agent: name, state: word },
                      })
                    }
                  />
                ),
              },
              { title: t('callcenter.contact'), cell: ({ contact }) => text(contact) },
              {
                title: t('callcenter.taken'),
                width: 'max-content',
                cell: ({ calls_answered }) => calls_answered ?? '–',
              },
            ]}
          />
        </section>
        <section className={styles.section}>
          <h2>{t('callcenter.tiers')}</h2>
          {tiers.length === 0 ? (
            <p className={styles.empty}>{t('callcenter.noTiers')}</p>
          ) : (
            <SmallTable
              label={t('callcenter.tiers')}
              items={tiers}
              keyOf={({ queue, agent }) => `${queue}/${agent}`}
              columns={[
                { title: t('callcenter.queue'), cell: ({ queue }) => <Verbatim text={queue} /> },
                { title: t('callcenter.agent'), cell: ({ agent }) => <Verbatim text={agent} /> },
                { title: t('list.state'), cell: ({ state }) => text(state) },
                {
                  title: t('callcenter.level'),
                  width: 'max-content',
                  cell: ({ level }) => level ?? '–',
                },
                {
                  title: t('callcenter.position'),
                  width: 'max-content',
                  cell: ({ position }) => position ?? '–',
                },
              ]}
            />
          )}
        </section>
      </div>
    </Kept>
  )
}
