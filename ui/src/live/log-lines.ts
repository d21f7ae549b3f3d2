import type { LogLine } from '../api/types'

/** FreeSWITCH's words for the levels 0 to 7. */
export const LOG_LEVELS = [
  'console',
  'alert',
  'crit',
  'err',
  'warning',
  'notice',
  'info',
  'debug',
] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** As the server's own. */
export const USUAL_LEVEL: LogLevel = 'info'

export const levelNumber = (level: LogLevel): number => LOG_LEVELS.indexOf(level)

/** The word of a level; FreeSWITCH has more verbose ones than `debug`. */
export const levelWord = (level: number): LogLevel => LOG_LEVELS[level] ?? 'debug'

export interface LogParts {
  /** The time of day by the switch's clock, to the millisecond; null where the line says none. */
  time: string | null
  /** What is said, without what stands elsewhere in the row. */
  said: string
}

const HEAD =
  /^(?:\d{4}-\d\d-\d\d )?(\d\d:\d\d:\d\d\.\d{3})\d* (?:[\d.]+% )?\[[A-Z]+\] (\S+):(\d+) ?/

/** A line begins with its time, the idle processor, its level and its place. */
export function partsOf({ text, file, line }: LogLine): LogParts {
  const head = HEAD.exec(text)
  if (head === null) return { time: null, said: text }
  const [whole, time, at, number] = head
  // Where it does not say what the switch said beside it, it belongs to what is said.
  if (at !== file || Number(number) !== line) return { time: null, said: text }
  return { time: time ?? null, said: text.slice(whole.length) }
}

const UUID = 'uuid:'

/** The filter that leaves the lines of one call. */
export const ofCall = (uuid: string): string => `${UUID}${uuid}`

export interface LogFilter {
  /** The call whose lines are left; null: any. */
  uuid: string | null
  leaves: (line: LogLine) => boolean
}

/** Reads a filter: `uuid:` and the beginning of a uuid; everything else is text that the line has somewhere. */
export function logFilter(q: string): LogFilter {
  const words = q.trim().split(/\s+/)
  const call = words.find((word) => word.toLowerCase().startsWith(UUID))
  const uuid = call?.slice(UUID.length).toLowerCase() || null
  const wanted = words
    .filter((word) => word !== call)
    .join(' ')
    .toLowerCase()
  const has = (text: string | null) => text?.toLowerCase().includes(wanted) ?? false
  return {
    uuid,
    leaves: (line) =>
      (uuid === null || (line.uuid?.toLowerCase().startsWith(uuid) ?? false)) &&
      (wanted === '' ||
        has(line.text) ||
        has(line.uuid) ||
        has(line.function) ||
        has(`${line.file}:${line.line}`)),
  }
}
