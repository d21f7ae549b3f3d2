import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { Page } from '../api/types'
import type { More } from './virtual-list'

/**
 * The pages read so far, as one list. While those of the filter `q` are on their way, the list is still that of the
 * filter before: `shown` is the filter it belongs to, and `pending` says that another one is coming.
 */
export function usePaged<T>(query: UseInfiniteQueryResult<InfiniteData<Page<T>>>, q: string) {
  const {
    data,
    isPending,
    isPlaceholderData,
    hasNextPage,
    isFetching,
    isFetchNextPageError,
    fetchNextPage,
  } = query
  const items = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data])
  const total = data?.pages.at(-1)?.total ?? 0
  const more = useMemo<More | null>(() => {
    if (!hasNextPage) return null
    const load = () => {
      if (!isFetching) void fetchNextPage()
    }
    return { load, failed: isFetchNextPageError }
  }, [hasNextPage, isFetching, isFetchNextPageError, fetchNextPage])

  const pending = isPending || isPlaceholderData
  const [settled, setSettled] = useState(q)
  if (!pending && settled !== q) setSettled(q)
  return { items, total, more, pending, shown: pending ? settled : q }
}
