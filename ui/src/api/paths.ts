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
  users: (name: string, page: PageQuery = {}) => `${instance(name)}/users${query(page)}`,
}
