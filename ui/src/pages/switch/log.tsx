import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Pause, Play, Trash2 } from 'lucide-react'
import { useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { explain } from '../../api/errors'
import { useInstance } from '../../app/place'
import { formatTime, t } from '../../i18n'
import { TailList } from '../../lists/tail-list'
import { type LogEntry, type LogState, MOST } from '../../live/log'
import { LOG_LEVELS, type LogLevel, logFilter } from '../../live/log-lines'
import { Button } from '../../ui/button'
import { Notice } from '../../ui/notice'
import { type Tone, ToneWord } from '../../ui/tone'
import styles from './log.module.css'
import { useLog } from './log-context'
import { LogRow } from './log-rows'
import { Nothing } from './nothing'
import type { TabProps } from './tab'
import tab from './tab.module.css'
import { Tools } from './tools'

const keyOf = ({ id }: LogEntry) => id
const lastId = (entries: readonly LogEntry[]) => entries.at(-1)?.id ?? 0

const TONES: Record<LogState['phase'], Tone> = {
  idle: 'warn',
  connecting: 'plain',
  open: 'good',
  ended: 'bad',
  failed: 'bad',
}

/** What is shown while it is paused. */
interface Paused {
  entries: readonly LogEntry[]
  /** The last row that there was. */
  last: number
}

function whyNot(state: LogState): string | null {
  if (state.phase === 'ended') {
    return t('log.ended', { time: formatTime(state.at), reason: state.reason })
  }
  if (state.phase !== 'failed') return null
  const { happened, remedy } = explain(state.error)
  return `${t('log.failed', { time: formatTime(state.at) })} ${happened} ${remedy}`
}

/** Why it is not followed, and the way on. Those who do not see it are told. */
function End({ state, onAgain }: { state: LogState; onAgain: () => void }) {
  const why = whyNot(state)
  return (
    <div role="status" className={why === null ? undefined : styles.end}>
      {why !== null && (
        <>
          <p>{why}</p>
          <Button onClick={onAgain}>{t('log.again')}</Button>
        </>
      )}
    </div>
  )
}

export function LogTab({ one, q, onFilter }: TabProps) {
  const log = useLog()
  const instance = useInstance()
  const navigate = useNavigate({ from: '/i/$instance/switches/$key' })
  const search = useSearch({ from: '/signed-in/i/$instance/switches/$key' })
  const level = search.level ?? log.level
  const { state, entries } = useSyncExternalStore(log.subscribe, log.read)
  const [paused, setPaused] = useState<Paused | null>(null)
  const [resumed, setResumed] = useState(0)
  const there = one.phase === 'live' || one.phase === 'reading'

  // A switch that comes back is followed again.
  useEffect(() => (there ? log.follow(level) : undefined), [log, level, there])

  const rows = paused?.entries ?? entries
  const filter = useMemo(() => logFilter(q), [q])
  const left = useMemo(
    () => rows.filter((entry) => entry.kind !== 'line' || filter.leaves(entry.line)),
    [rows, filter],
  )
  const lines = left.reduce((n, { kind }) => n + Number(kind === 'line'), 0)
  const missed = paused === null ? 0 : lastId(entries) - paused.last
  const pause = () => {
    setPaused(paused === null ? { entries, last: lastId(entries) } : null)
    if (paused !== null) setResumed(resumed + 1)
  }
  const clear = () => {
    log.clear()
    setPaused(paused && { entries: [], last: lastId(entries) })
  }

  if (!there && entries.length === 0) return <Nothing one={one} title={t('log.empty')} />
  return (
    <>
      <Tools q={q} onFilter={onFilter} count={t('log.count', { n: lines })}>
        {filter.uuid !== null && (
          <Link
            to="/i/$instance/switches/$key"
            params={{ instance, key: one.key }}
            search={{ q: filter.uuid }}
            className={tab.link}
          >
            {t('log.toCall')}
          </Link>
        )}
        {paused !== null ? (
          <ToneWord tone="warn">{t('log.paused', { n: Math.max(missed, 0) })}</ToneWord>
        ) : (
          <ToneWord tone={TONES[state.phase]}>{t(`log.phase.${state.phase}`)}</ToneWord>
        )}
        <select
          className={tab.select}
          aria-label={t('log.level')}
          title={t('log.level')}
          value={level}
          onChange={({ target }) =>
            navigate({
              search: (now) => ({ ...now, level: target.value as LogLevel }),
              replace: true,
            })
          }
        >
          {LOG_LEVELS.map((word) => (
            <option key={word}>{word}</option>
          ))}
        </select>
        <Button onClick={pause}>
          {paused === null ? <Pause size={14} aria-hidden /> : <Play size={14} aria-hidden />}
          {t(paused === null ? 'log.pause' : 'log.resume')}
        </Button>
        <Button onClick={clear}>
          <Trash2 size={14} aria-hidden />
          {t('log.clear')}
        </Button>
      </Tools>
      <End state={state} onAgain={() => log.again()} />
      {lines === 0 ? (
        left.length < rows.length ? (
          <Notice title={t('list.emptyFilter', { q })} />
        ) : (
          state.phase === 'open' && (
            <Notice title={t('log.empty')} text={t('log.emptyHint', { n: MOST })} />
          )
        )
      ) : (
        <TailList
          label={t('log.rows')}
          items={left}
          keyOf={keyOf}
          row={(entry) => <LogRow entry={entry} switchKey={one.key} />}
          tail={`${resumed} ${q}`}
        />
      )}
    </>
  )
}
