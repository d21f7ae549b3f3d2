import { type Query, type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { statusQuery, treeKey } from '../api/queries'
import type { Status } from '../api/types'

export type ServerState = 'up' | 'databaseDown' | 'away' | 'unknown'

export interface Server {
  state: ServerState
  /** The last answer, however old. */
  status: Status | undefined
}

export function useServer(): Server {
  const { data, isError } = useQuery(statusQuery)
  if (isError) return { state: 'away', status: data }
  if (data === undefined) return { state: 'unknown', status: undefined }
  return { state: data.database === 'up' ? 'up' : 'databaseDown', status: data }
}

/** Somebody who scrolled through 100,000 users does not want them all read again at each change of any of them. */
const MAX_PAGES_READ_AGAIN = 10

function isLong(query: Query): boolean {
  const data = query.state.data as { pages?: unknown[] } | undefined
  return (data?.pages?.length ?? 0) > MAX_PAGES_READ_AGAIN
}

function readAgain(client: QueryClient): void {
  const queryKey = [treeKey]
  void client.invalidateQueries({ queryKey, refetchType: 'none' })
  void client.refetchQueries({ queryKey, type: 'active', predicate: (query) => !isLong(query) })
}

/** Reads everything again when the server is back, and the tree when its revision moved on. */
export function useFollowServer(): void {
  const client = useQueryClient()
  const { state, status } = useServer()
  const revision = status?.snapshot.revision
  const before = useRef({ state, revision })

  useEffect(() => {
    const was = before.current
    before.current = { state, revision }
    const back = was.state === 'away' && state !== 'away'
    const moved = was.revision !== undefined && was.revision !== revision
    if (back || moved) readAgain(client)
  }, [client, state, revision])
}

/** When the oldest of what the page shows was read; null with nothing read. */
export function useShownSince(): number | null {
  const shown = useQueryClient()
    .getQueryCache()
    .findAll({ type: 'active', queryKey: [treeKey] })
    .map((query) => query.state.dataUpdatedAt)
    .filter((at) => at > 0)
  return shown.length === 0 ? null : Math.min(...shown)
}
