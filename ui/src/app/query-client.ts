import { QueryCache, QueryClient } from '@tanstack/react-query'
import { ApiError, AwayError } from '../api/client'
import { isSignedOut } from '../api/errors'
import { sessionQuery, statusQuery } from '../api/queries'

const RETRY_MS = 400

/** Worth a second try: no answer, or an answer that is the server's own trouble. */
const isPassing = (error: unknown) =>
  error instanceof AwayError || (error instanceof ApiError && error.status >= 500)

/** `onSignedOut` is called when an answer says that the session is over. */
export function createQueryClient(onSignedOut: () => void): QueryClient {
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        if (isSignedOut(error)) {
          client.setQueryData(sessionQuery.queryKey, null)
          onSignedOut()
        } else if (error instanceof AwayError && query.queryKey[0] !== statusQuery.queryKey[0]) {
          client.invalidateQueries({ queryKey: statusQuery.queryKey })
        }
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        retry: (failures, error) => failures < 1 && isPassing(error),
        retryDelay: RETRY_MS,
        // The server may be on this very machine: being offline says nothing.
        networkMode: 'always',
      },
    },
  })
  return client
}
