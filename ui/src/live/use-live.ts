import { useQueries, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react'
import { paths } from '../api/paths'
import { liveQuery, switchesQuery, switchKey } from '../api/queries'
import type { LiveKind, LiveTables } from '../api/types'
import type { Rows } from './rows'
import { type Socket, Stream } from './stream'

function connect(): Socket {
  const url = new URL(paths.socket(), window.location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  return new WebSocket(url) as Socket
}

const stream = new Stream(connect)

export interface Live<K extends LiveKind> {
  rows: { [P in K]: ReadonlyMap<string, LiveTables[P]> }
  /** Whether everything was read at least once. */
  ready: boolean
  /** What is in the way, before anything was read. */
  error: unknown
  retry: () => void
  /** Since when what is shown is not kept up to date; null while it is. */
  staleSince: number | null
}

const NONE: Rows = new Map()

/**
 * What lives in a switch, kept up to date: by the stream where the server lets us in there, and by asking every two
 * seconds where it does not or the stream is away. `kinds` must be the same array each time.
 */
export function useLive<K extends LiveKind>(name: string, kinds: readonly K[]): Live<K> {
  const subscribe = useCallback(
    (listener: () => void) => stream.follow(name, kinds, listener),
    [name, kinds],
  )
  const view = useSyncExternalStore(subscribe, () => stream.view(name))
  const pushed = view.status === 'open' && kinds.every((kind) => view.rows?.has(kind))
  const asking = view.status === 'away' || view.status === 'refused'
  const asked = useQueries({
    queries: kinds.map((kind) => ({ ...liveQuery(name, kind), enabled: asking })),
  })
  const tables = kinds.map((kind, place) => {
    const read = asked[place]?.data
    // What was pushed before the stream went away is better than nothing.
    return pushed ? view.rows?.get(kind) : (read ?? view.rows?.get(kind))
  })
  const failed = asking ? asked.find((query) => query.error) : undefined

  // biome-ignore lint/correctness/useExhaustiveDependencies: the tables are what it is made of, each for itself.
  const rows = useMemo(
    () =>
      Object.fromEntries(kinds.map((kind, place) => [kind, tables[place] ?? NONE])) as unknown as {
        [P in K]: ReadonlyMap<string, LiveTables[P]>
      },
    [kinds, ...tables],
  )
  const ready = tables.every((table) => table !== undefined)
  return {
    rows,
    ready,
    error: ready ? null : (failed?.error ?? null),
    retry: () => {
      for (const query of asked) void query.refetch()
    },
    staleSince: ready && failed ? failed.dataUpdatedAt || failed.errorUpdatedAt : null,
  }
}

/** Reads again what the stream says has changed. */
export function useFollowSwitches(): void {
  const client = useQueryClient()
  useEffect(
    () =>
      stream.listen({
        onState: (view) => {
          client.setQueryData(
            switchesQuery.queryKey,
            (known) =>
              known && { items: known.items.map((one) => (one.key === view.key ? view : one)) },
          )
        },
        onEffects: () =>
          void client.invalidateQueries({
            queryKey: [switchKey],
            predicate: ({ queryKey }) => queryKey[2] === 'effects' || queryKey[2] === 'offers',
          }),
      }),
    [client],
  )
}
