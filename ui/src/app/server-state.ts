import { useQuery, useQueryClient } from '@tanstack/react-query'
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
    if (back || moved) client.invalidateQueries({ queryKey: [treeKey] })
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
