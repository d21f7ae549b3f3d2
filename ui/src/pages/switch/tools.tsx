import type { ReactNode } from 'react'
import { t } from '../../i18n'
import { cx } from '../../ui/cx'
import { FilterBox } from '../../ui/filter-box'
import toolbar from '../../ui/toolbar.module.css'
import styles from './tab.module.css'

interface Props {
  q: string
  onFilter: (q: string) => void
  /** How many there are, in words. */
  count: string
  /** What else can be done, at the end. */
  children?: ReactNode
}

/** The filter of a list that takes the whole tab, and what it leaves. */
export function Tools({ q, onFilter, count, children }: Props) {
  return (
    <div className={cx(toolbar.toolbar, styles.tools)}>
      <FilterBox value={q} onChange={onFilter} label={t('list.filter')} />
      <span className={toolbar.count} role="status">
        {count}
      </span>
      {children && <span className={toolbar.space} />}
      {children}
    </div>
  )
}
