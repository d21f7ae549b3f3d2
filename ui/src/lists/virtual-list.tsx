import { type ReactNode, useCallback, useEffect } from 'react'
import { t } from '../i18n'
import { Button } from '../ui/button'
import { cx } from '../ui/cx'
import shared from './rows.module.css'
import { useVirtualRows } from './use-virtual-rows'
import styles from './virtual-list.module.css'

export interface Column<T> {
  title: string
  cell: (item: T) => ReactNode
  /** Left out where the page is narrow. */
  wide?: boolean
}

/** What the cell that leads to the item's page must put on its link. */
export interface RowLink {
  'data-row': number
  tabIndex: number
  className: string | undefined
}

export interface More {
  load: () => void
  /** The last try did not work; the next one is the reader's. */
  failed: boolean
}

/** As in the style sheet. */
const HEAD = 28
/** The key of the row that stands for what is not loaded. */
const MORE = -1

/** How the items of a list look. */
export interface ListProps<T> {
  label: string
  keyOf: (item: T) => string | number
  first: { title: string; cell: (item: T, link: RowLink) => ReactNode }
  columns: Column<T>[]
  /** A grid template for all columns, and one for those that are left where the page is narrow. */
  layout: string | undefined
  /** Rows are as high as their text needs. `keyOf` must then be the same function each time. */
  wrap?: boolean
}

interface Props<T> extends ListProps<T> {
  items: T[]
  total: number
  /** The one that these items are left by. */
  filter: string
  /** Set while there is more to load. */
  more: More | null
}

export function VirtualList<T>(props: Props<T>) {
  const { label, items, total, filter, more, keyOf, first, columns, layout, wrap = false } = props
  const rowCount = items.length + (more ? 1 : 0)
  const keyAt = useCallback(
    (index: number) => {
      const item = items[index]
      return item === undefined ? MORE : keyOf(item)
    },
    [items, keyOf],
  )
  const { virtualizer, scrollerProps, active } = useVirtualRows(
    rowCount,
    filter,
    HEAD,
    wrap ? keyAt : undefined,
  )
  const rows = virtualizer.getVirtualItems()

  const atEnd = (rows.at(-1)?.index ?? 0) >= items.length - 1
  useEffect(() => {
    if (atEnd && more && !more.failed) more.load()
  }, [atEnd, more])

  const cellClass = (column: Column<T>) => (column.wide ? styles.wide : styles.cell)

  return (
    <div
      {...scrollerProps}
      role="table"
      aria-label={label}
      aria-rowcount={total + 1}
      className={shared.scroller}
    >
      <div role="rowgroup">
        <div role="row" aria-rowindex={1} className={cx(styles.head, layout)}>
          <span role="columnheader">{first.title}</span>
          {columns.map((column) => (
            <span key={column.title} role="columnheader" className={cellClass(column)}>
              {column.title}
            </span>
          ))}
        </div>
      </div>
      <div
        role="rowgroup"
        className={shared.canvas}
        style={{ blockSize: virtualizer.getTotalSize() }}
      >
        {rows.map(({ index, start }) => {
          const item = items[index]
          const style = { transform: `translateY(${start - HEAD}px)` }
          if (item === undefined) {
            return (
              <div key="more" role="row" className={cx(shared.row, styles.row)} style={style}>
                <span role="cell">
                  {more?.failed ? (
                    <Button onClick={more.load}>{t('list.moreFailed')}</Button>
                  ) : (
                    t('list.more')
                  )}
                </span>
              </div>
            )
          }
          const link = {
            'data-row': index,
            tabIndex: index === active ? 0 : -1,
            className: styles.link,
          }
          return (
            <div
              key={keyOf(item)}
              role="row"
              aria-rowindex={index + 2}
              className={cx(shared.row, styles.row, wrap && styles.wrap, layout)}
              style={style}
              {...(wrap && { ref: virtualizer.measureElement, 'data-index': index })}
            >
              <span role="cell" className={styles.cell}>
                {first.cell(item, link)}
              </span>
              {columns.map((column) => (
                <span key={column.title} role="cell" className={cellClass(column)}>
                  {column.cell(item)}
                </span>
              ))}
            </div>
          )
        })}
      </div>
    </div>
  )
}
