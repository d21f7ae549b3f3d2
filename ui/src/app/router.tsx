import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { instancesQuery, sessionQuery } from '../api/queries'
import { Skeleton } from '../ui/skeleton'
import { NotFound } from './not-found'
import { RouteError } from './route-error'
import { homeOf, pageSearch, signInSearch, switchSearch } from './search'
import { Shell } from './shell'

interface Context {
  queryClient: QueryClient
}

const root = createRootRouteWithContext<Context>()({ component: Outlet })

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: signInSearch,
  component: lazyRouteComponent(() => import('../pages/sign-in'), 'SignInPage'),
})

/** What is below it needs a session. */
const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  beforeLoad: async ({ context, location }) => {
    const session = await context.queryClient.ensureQueryData(sessionQuery)
    if (session === null) throw redirect({ to: '/sign-in', search: { next: location.href } })
  },
})

const home = createRoute({
  getParentRoute: () => signedIn,
  path: '/',
  beforeLoad: async ({ context }) => {
    const { items } = await context.queryClient.ensureQueryData(instancesQuery)
    const instance = homeOf(items)
    throw redirect({ to: '/i/$instance', params: { instance }, replace: true })
  },
})

const instance = createRoute({
  getParentRoute: () => signedIn,
  path: '/i/$instance',
  component: Shell,
})

const overview = createRoute({
  getParentRoute: () => instance,
  path: '/',
  component: lazyRouteComponent(() => import('../pages/overview'), 'OverviewPage'),
})

const node = createRoute({
  getParentRoute: () => instance,
  path: 'nodes/$id',
  params: { parse: ({ id }) => ({ id: Number(id) }), stringify: ({ id }) => ({ id: String(id) }) },
  validateSearch: pageSearch,
  component: lazyRouteComponent(() => import('../pages/node'), 'NodePage'),
})

const users = createRoute({
  getParentRoute: () => instance,
  path: 'users',
  validateSearch: pageSearch,
  component: lazyRouteComponent(() => import('../pages/users'), 'UsersPage'),
})

const dialplanCheck = createRoute({
  getParentRoute: () => instance,
  path: 'dialplan-check',
  validateSearch: pageSearch,
  component: lazyRouteComponent(() => import('../pages/dialplan-check'), 'DialplanCheckPage'),
})

const switches = createRoute({
  getParentRoute: () => instance,
  path: 'switches',
  component: lazyRouteComponent(() => import('../pages/switches'), 'SwitchesPage'),
})

const oneSwitch = createRoute({
  getParentRoute: () => instance,
  path: 'switches/$key',
  validateSearch: switchSearch,
  component: lazyRouteComponent(() => import('../pages/switch/page'), 'SwitchPage'),
})

const importHelp = createRoute({
  getParentRoute: () => instance,
  path: 'help/import',
  component: lazyRouteComponent(() => import('../pages/import-help'), 'ImportHelpPage'),
})

const routeTree = root.addChildren([
  signIn,
  signedIn.addChildren([
    home,
    instance.addChildren([overview, node, users, dialplanCheck, switches, oneSwitch, importHelp]),
  ]),
])

// `?q=1000` is text: the router's own reading of JSON in the search is not wanted.
const parseSearch = (text: string) => Object.fromEntries(new URLSearchParams(text))
function stringifySearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(search)) {
    if (value !== undefined && value !== '') params.set(name, String(value))
  }
  const text = params.toString()
  return text === '' ? '' : `?${text}`
}

export function createAppRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    basepath: '/cweb',
    context: { queryClient },
    parseSearch,
    stringifySearch,
    defaultPreload: 'intent',
    defaultNotFoundComponent: NotFound,
    defaultErrorComponent: RouteError,
    defaultPendingComponent: Skeleton,
    defaultPendingMs: 0,
    defaultPendingMinMs: 0,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>
  }
}
