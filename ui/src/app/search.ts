import type { Instance } from '../api/types'
import { LOG_LEVELS, type LogLevel } from '../live/log-lines'

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)

export interface PageSearch {
  /** The filter. */
  q?: string
  view?: 'xml'
}

export function pageSearch(search: Record<string, unknown>): PageSearch {
  const q = text(search.q)
  return { ...(q && { q }), ...(search.view === 'xml' && { view: 'xml' }) }
}

/** The tabs of a switch, in their order; the first one needs no word in the URL. */
export const SWITCH_TABS = [
  'calls',
  'registrations',
  'sip',
  'callcenter',
  'conferences',
  'modules',
  'changes',
  'log',
  'console',
  'doctor',
] as const
export type SwitchTab = (typeof SWITCH_TABS)[number]

export interface SwitchSearch {
  tab?: SwitchTab
  q?: string
  /** Of the log. */
  level?: LogLevel
  /** The one whose changes are shown. */
  revision?: number
}

export function switchSearch(search: Record<string, unknown>): SwitchSearch {
  const q = text(search.q)
  const tab = SWITCH_TABS.find((word) => word === search.tab)
  const level = LOG_LEVELS.find((word) => word === search.level)
  const revision = Number(search.revision)
  const known = Number.isSafeInteger(revision) && revision > 0
  return {
    ...(tab && { tab }),
    ...(q && { q }),
    ...(level && { level }),
    ...(known && { revision }),
  }
}

export interface SignInSearch {
  /** Where to go afterwards. */
  next?: string
}

/** Only a path of our own: anything else could lead a person elsewhere after signing in. */
export function signInSearch(search: Record<string, unknown>): SignInSearch {
  const next = text(search.next)
  return next?.startsWith('/') && !/^\/[/\\]/.test(next) ? { next } : {}
}

/** There is always one called default, unless it was renamed. */
export function homeOf(instances: Instance[]): string {
  return (instances.find((instance) => instance.default) ?? instances[0])?.name ?? 'default'
}
