import type { Instance } from '../api/types'

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
