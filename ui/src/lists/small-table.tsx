import type { CSSProperties, ReactNode } from 'react'
import { t } from '../i18n'
import { cx } from '../ui/cx'
import styles from './small-table.module.css'

interface Column<T> {
  title: string
  cell: (item: T) => ReactNode
  /** Its part of the width, as in a grid template. */
  width?: string
}

interface Props<T> {
  label: string
  items: T[]
  keyOf: (item: T) => string | number
  columns: Column<T>[]
  /** Buttons at the end of each row. */
  actions?: (item: T) => ReactNode
}

/** A table of a few rows; where the page is narrow each row is a block of lines. */
export function SmallTable<T>({ label, items, keyOf, columns, actions }: Props<T>) {
  const widths = columns.map(({ width = 'minmax(0, 1fr)' }) => width)
  const template = [...widths, ...(actions ? ['max-content'] : [])].join(' ')
  return (
    <div
      role="table"
      aria-label={label}
      className={styles.table}
      style={{ '--columns': template } as CSSProperties}
    >
      <div role="rowgroup">
        <div role="row" className={styles.head}>
          {columns.map(({ title }) => (
            <span key={title} role="columnheader">
              {title}
            </span>
          ))}
          {actions && <span role="columnheader" aria-label={t('list.actions')} />}
        </div>
      </div>
      <div role="rowgroup">
        {items.map((item) => (
          <div key={keyOf(item)} role="row" className={styles.row}>
            {columns.map(({ title, cell }, place) => (
              <span
                key={title}
                role="cell"
                className={styles.cell}
                data-title={place === 0 ? undefined : title}
              >
                {cell(item)}
              </span>
            ))}
            {actions && (
              <span role="cell" className={cx(styles.cell, styles.actions)}>
                {actions(item)}
              </span>
            )}
          </div>
        ))}
      </div>
    </div>
  )
}
