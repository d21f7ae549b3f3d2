import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { get, post } from './client'
import { isSignedOut } from './errors'
import { type PageQuery, paths } from './paths'
import type {
  CommandReply,
  DialplanCheck,
  DirectoryUser,
  Effect,
  Instance,
  Items,
  LiveKind,
  LiveRows,
  Node,
  NodeWithPath,
  Offer,
  Page,
  Revision,
  Session,
  Status,
  Subtree,
  Switch,
  SwitchDoctor,
  Tree,
} from './types'

const PAGE_SIZE = 200
const STATUS_EVERY_MS = 10_000
const STATUS_WHEN_AWAY_MS = 3_000
/** How a switch is, and what lives in it where nothing is pushed. */
const LIVE_EVERY_MS = 2_000
const EFFECTS_EVERY_MS = 5_000

/** Everything below this key is read again when the server's revision moves on. */
export const treeKey = 'instance'

/** null: not signed in. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      return await get<Session>(paths.session(), signal)
    } catch (error) {
      if (isSignedOut(error)) return null
      throw error
    }
  },
})

export const statusQuery = queryOptions({
  queryKey: ['status'],
  queryFn: ({ signal }) => get<Status>(paths.status(), signal),
  retry: false,
  refetchInterval: ({ state }) =>
    state.status === 'error' ? STATUS_WHEN_AWAY_MS : STATUS_EVERY_MS,
})

export const instancesQuery = queryOptions({
  queryKey: ['instances'],
  queryFn: ({ signal }) => get<Items<Instance>>(paths.instances(), signal),
  select: (data) => data.items,
})

export const treeQuery = (instance: string) =>
  queryOptions({
    queryKey: [treeKey, instance, 'tree'],
    queryFn: ({ signal }) => get<Tree>(paths.tree(instance), signal),
  })

export const nodeQuery = (instance: string, id: number) =>
  queryOptions({
    queryKey: [treeKey, instance, 'node', id],
    queryFn: ({ signal }) => get<NodeWithPath>(paths.node(instance, id), signal),
  })

export const subtreeQuery = (instance: string, id: number) =>
  queryOptions({
    queryKey: [treeKey, instance, 'subtree', id],
    queryFn: ({ signal }) => get<Subtree>(paths.subtree(instance, id), signal),
  })

function paged<T>(key: readonly unknown[], path: (page: PageQuery) => string, q: string) {
  return infiniteQueryOptions({
    queryKey: [treeKey, ...key, q],
    queryFn: ({ pageParam, signal }) =>
      get<Page<T>>(path({ q, limit: PAGE_SIZE, cursor: pageParam }), signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
    // Read again when the revision moves (server-state.ts), not each time the window gets the focus.
    staleTime: Number.POSITIVE_INFINITY,
  })
}

export const childrenQuery = (instance: string, id: number, q: string) =>
  paged<Node>([instance, 'children', id], (page) => paths.children(instance, id, page), q)

export const usersQuery = (instance: string, q: string) =>
  paged<DirectoryUser>([instance, 'users'], (page) => paths.users(instance, page), q)

export const userCountQuery = (instance: string) =>
  queryOptions({
    queryKey: [treeKey, instance, 'user-count'],
    queryFn: ({ signal }) => get<Page<DirectoryUser>>(paths.users(instance, { limit: 1 }), signal),
    select: (page) => page.total,
  })

export const dialplanCheckQuery = (instance: string) =>
  queryOptions({
    queryKey: [treeKey, instance, 'dialplan-check'],
    queryFn: ({ signal }) => get<DialplanCheck>(paths.dialplanCheck(instance), signal),
  })

/** With what the switches did because of it, which is not known at once. */
export const revisionQuery = (instance: string, id: number) =>
  queryOptions({
    queryKey: [treeKey, instance, 'revision', id],
    queryFn: ({ signal }) => get<Revision>(paths.revision(instance, id), signal),
  })

/** Everything below this key is about switches that run. */
export const switchKey = 'switch'

export const switchesQuery = queryOptions({
  queryKey: [switchKey],
  queryFn: ({ signal }) => get<Items<Switch>>(paths.switches(), signal),
  select: (data) => data.items,
  refetchInterval: LIVE_EVERY_MS,
})

/** The rows of a kind, by key. */
export const liveQuery = (key: string, kind: LiveKind) =>
  queryOptions({
    queryKey: [switchKey, key, 'live', kind],
    queryFn: async ({ signal }) => {
      const { rows } = await get<LiveRows>(paths.live(key, kind), signal)
      return new Map(Object.entries(rows))
    },
    refetchInterval: LIVE_EVERY_MS,
    structuralSharing: false,
  })

export const effectsQuery = (key: string) =>
  queryOptions({
    queryKey: [switchKey, key, 'effects'],
    queryFn: ({ signal }) => get<Items<Effect>>(paths.effects(key), signal),
    select: (data) => data.items,
    refetchInterval: EFFECTS_EVERY_MS,
  })

export const offersQuery = (key: string) =>
  queryOptions({
    queryKey: [switchKey, key, 'offers'],
    queryFn: ({ signal }) => get<Items<Offer>>(paths.offers(key), signal),
    select: (data) => data.items,
    refetchInterval: EFFECTS_EVERY_MS,
  })

/** What one typed before, the newest first. */
export const cliHistoryQuery = (key: string) =>
  queryOptions({
    queryKey: [switchKey, key, 'cli'],
    queryFn: ({ signal }) => get<Items<string>>(paths.cli(key), signal),
    select: (data) => data.items.toReversed(),
    // Once for each visit: what is typed from then on is known.
    staleTime: 0,
    refetchOnWindowFocus: false,
  })

export const doctorQuery = (key: string) =>
  queryOptions({
    queryKey: [switchKey, key, 'doctor'],
    queryFn: ({ signal }) => get<SwitchDoctor>(paths.doctor(key), signal),
    staleTime: 60_000,
  })

/** Where a switch keeps recordings, as it says itself; it is told so when it starts. */
export const recordingsDirQuery = (key: string) =>
  queryOptions({
    queryKey: [switchKey, key, 'recordings_dir'],
    queryFn: async () => {
      const path = paths.command(key, 'global.get')
      const { reply } = await post<CommandReply>(path, { name: 'recordings_dir' })
      return reply.trim()
    },
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    retry: false,
  })
