/** Every URL of the API is built here; paths.test.ts has the whole list. */

const root = '/api/v2'

export interface PageQuery {
  q?: string
  limit?: number
  cursor?: string | null
}

function query({ q, limit, cursor }: PageQuery): string {
  const params = new URLSearchParams()
  if (q) params.set('q', q)
  if (limit !== undefined) params.set('limit', String(limit))
  if (cursor) params.set('cursor', cursor)
  const text = params.toString()
  return text === '' ? '' : `?${text}`
}

const driven = (key: string) => `${root}/switches/${encodeURIComponent(key)}`
const instance = (name: string) => `${root}/instances/${encodeURIComponent(name)}`

export const paths = {
  session: () => `${root}/session`,
  status: () => `${root}/status`,
  instances: () => `${root}/instances`,
  tree: (name: string) => `${instance(name)}/tree`,
  node: (name: string, id: number) => `${instance(name)}/nodes/${id}`,
  children: (name: string, id: number, page: PageQuery = {}) =>
    `${instance(name)}/nodes/${id}/children${query(page)}`,
  subtree: (name: string, id: number) => `${instance(name)}/nodes/${id}/subtree`,
  dialplanCheck: (name: string) => `${instance(name)}/dialplan:check`,
  revision: (name: string, id: number) => `${instance(name)}/revisions/${id}`,
  users: (name: string, page: PageQuery = {}) => `${instance(name)}/users${query(page)}`,
  switches: () => `${root}/switches`,
  switch: (key: string) => driven(key),
  eventSocket: (key: string) => `${driven(key)}/event-socket`,
  reconnect: (key: string) => `${driven(key)}/reconnect`,
  live: (key: string, kind: string) => `${driven(key)}/live/${kind}`,
  command: (key: string, name: string) => `${driven(key)}/commands/${name}`,
  cli: (key: string) => `${driven(key)}/cli`,
  log: (key: string, level: number) => `${driven(key)}/log?level=${level}`,
  effects: (key: string) => `${driven(key)}/effects`,
  offers: (key: string) => `${driven(key)}/offers`,
  acceptOffer: (key: string, id: number) => `${driven(key)}/offers/${id}/accept`,
  dismissOffer: (key: string, id: number) => `${driven(key)}/offers/${id}/dismiss`,
  doctor: (key: string) => `${driven(key)}/doctor`,
  importRunning: (key: string) => `${driven(key)}/import`,
  /** The stream of messages. */
  socket: () => '/ws',
}
