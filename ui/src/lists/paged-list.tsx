import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { Page } from '../api/types'
import { type MessageKey, t } from '../i18n'
import { FilterBox } from '../ui/filter-box'
import { Loaded } from '../ui/loaded'
import { Notice } from '../ui/notice'
import toolbar from '../ui/toolbar.module.css'
import { usePaged } from './paged'
import { type ListProps, VirtualList } from './virtual-list'

interface Props<T> extends ListProps<T> {
  query: UseInfiniteQueryResult<InfiniteData<Page<T>>>
  /** The filter that the query is for. */
  q: string
  onFilter: (text: string) => void
  /** Puts the filter and what it leaves into the head of the page. */
  header: (tools: ReactNode) => ReactNode
  words: {
    /** How many there are, `n`. */
    count: MessageKey
    /** There are none. */
    empty: MessageKey
    /** What was tried when it failed. */
    tried: MessageKey
  }
}

/** A page that is one list, read page by page and filtered by the server. */
export function PagedList<T>({ query, q, onFilter, header, words, ...list }: Props<T>) {
  const { items, total, more, pending, shown } = usePaged(query, q)
  const counted = shown === '' ? words.count : 'list.countFiltered'

  return (
    <>
      {header(
        <div className={toolbar.toolbar}>
          <FilterBox value={q} onChange={onFilter} label={t('list.filter')} pending={pending} />
          <span className={toolbar.count} role="status">
            {query.data && t(counted, { n: total })}
          </span>
        </div>,
      )}
      <Loaded query={query} tried={t(words.tried)}>
        {() =>
          items.length === 0 ? (
            <Notice title={shown === '' ? t(words.empty) : t('list.emptyFilter', { q: shown })} />
          ) : (
            <VirtualList {...list} items={items} total={total} filter={shown} more={more} />
          )
        }
      </Loaded>
    </>
  )
}
