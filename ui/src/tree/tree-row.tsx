import { ChevronRight } from 'lucide-react'
import type { CSSProperties, KeyboardEvent } from 'react'
import { formatNumber } from '../i18n'
import shared from '../lists/rows.module.css'
import { cx } from '../ui/cx'
import { StateWord } from '../ui/state-word'
import { Verbatim } from '../ui/verbatim'
import { AttributeValues } from './attribute-values'
import type { TreeRow } from './flatten'
import { labelOf } from './parts'
import styles from './tree-view.module.css'

interface Props {
  row: TreeRow
  index: number
  start: number
  active: boolean
  onActivate: () => void
  onKeyDown: (event: KeyboardEvent) => void
}

export function TreeRowView({ row, index, start, active, onActivate, onKeyDown }: Props) {
  const { node, level, expanded, off, place, siblings } = row
  const label = labelOf(node)
  const indent = { '--level': level - 1 } as CSSProperties
  return (
    <div
      role="row"
      data-row={index}
      tabIndex={active ? 0 : -1}
      aria-rowindex={index + 1}
      aria-level={level}
      aria-posinset={place}
      aria-setsize={siblings}
      {...(expanded !== null && { 'aria-expanded': expanded })}
      className={cx(shared.row, styles.row)}
      data-off={off}
      style={{ transform: `translateY(${start}px)` }}
      onClick={onActivate}
      onKeyDown={onKeyDown}
    >
      <span role="gridcell" className={styles.name} style={indent}>
        <span className={styles.chevron} data-open={expanded === true}>
          {expanded !== null && <ChevronRight size={14} aria-hidden />}
        </span>
        <Verbatim text={node.tag} className={styles.tag} />
        {label !== node.tag && <Verbatim text={label} className={styles.label} />}
        {expanded === false && (
          <span className={styles.count}>{formatNumber(node.children.length)}</span>
        )}
        {!node.enabled && <StateWord enabled={false} />}
      </span>
      <span role="gridcell" className={styles.value} style={indent}>
        <AttributeValues node={node} />
      </span>
    </div>
  )
}
