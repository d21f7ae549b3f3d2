import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { isMissing } from '../api/errors'
import { ErrorPanel } from './error-panel'
import { Skeleton } from './skeleton'

interface Props<T> {
  query: UseQueryResult<T>
  tried: string
  children: (data: T) => ReactNode
}

/**
 * Waiting, failure and data of a query. What was read before stays when reading it again fails (the page then says
 * how old it is), unless the answer is that it is gone.
 */
export function Loaded<T>({ query, tried, children }: Props<T>) {
  if (query.data !== undefined && !isMissing(query.error)) return children(query.data)
  if (query.error) {
    return <ErrorPanel error={query.error} tried={tried} onRetry={() => query.refetch()} />
  }
  return <Skeleton />
}
