import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { Page } from '../api/types'
import type { More } from './virtual-list'

/** The pages read so far, as one list. */
export function usePaged<T>(query: UseInfiniteQueryResult<InfiniteData<Page<T>>>) {
  const { data, hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = query
  const items = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data])
  const total = data?.pages.at(-1)?.total ?? 0
  const more = useMemo<More | null>(() => {
    if (!hasNextPage) return null
    const load = () => {
      if (!isFetching) void fetchNextPage()
    }
    return { load, failed: isFetchNextPageError }
  }, [hasNextPage, isFetching, isFetchNextPageError, fetchNextPage])
  return { items, total, more }
}
