import { Link } from '@tanstack/react-router'
import { useInstance } from '../../app/place'
import { formatTime, t } from '../../i18n'
import type { LogEntry } from '../../live/log'
import { levelWord, ofCall, partsOf } from '../../live/log-lines'
import { cx } from '../../ui/cx'
import { ToneWord } from '../../ui/tone'
import { Verbatim } from '../../ui/verbatim'
import styles from './log.module.css'
import { logTone } from './tones'

type Line = Extract<LogEntry, { kind: 'line' }>['line']

/** As much of a uuid as tells calls apart. */
const SHORT = 8

function LineRow({ line, switchKey }: { line: Line; switchKey: string }) {
  const instance = useInstance()
  const { time, said } = partsOf(line)
  const { level, uuid, file, function: place } = line
  return (
    <div className={styles.line}>
      <span className={styles.time}>{time ?? ''}</span>
      <span className={styles.level}>
        <ToneWord tone={logTone(level)}>{levelWord(level)}</ToneWord>
      </span>
      <span className={styles.uuid}>
        {uuid !== null && (
          <Link
            to="/i/$instance/switches/$key"
            params={{ instance, key: switchKey }}
            search={(now) => ({ ...now, q: ofCall(uuid) })}
            title={t('log.onlyCall', { uuid })}
          >
            <Verbatim text={uuid.slice(0, SHORT)} />
          </Link>
        )}
      </span>
      <span className={styles.said}>
        <Verbatim text={said} full />
      </span>
      <span className={styles.place} title={place}>
        <Verbatim text={`${file}:${line.line}`} />
      </span>
    </div>
  )
}

function markOf(entry: Exclude<LogEntry, { kind: 'line' }>): string {
  switch (entry.kind) {
    case 'dropped':
      return t('log.dropped', { n: entry.count })
    case 'level':
      return t('log.levelFrom', { level: entry.level })
    case 'gap':
      return t('log.gap', { from: formatTime(entry.from), to: formatTime(entry.to) })
  }
}

/** A row of the log. */
export function LogRow({ entry, switchKey }: { entry: LogEntry; switchKey: string }) {
  if (entry.kind === 'line') return <LineRow line={entry.line} switchKey={switchKey} />
  const mark = cx(styles.mark, entry.kind !== 'level' && styles.missing)
  return <p className={mark}>{markOf(entry)}</p>
}
