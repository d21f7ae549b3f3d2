import { useNavigate } from '@tanstack/react-router'
import { type KeyboardEvent, useMemo, useState } from 'react'
import type { DeepNode } from '../api/types'
import { useInstance } from '../app/place'
import { t } from '../i18n'
import shared from '../lists/rows.module.css'
import { useVirtualRows } from '../lists/use-virtual-rows'
import { ElementDialog } from './element-dialog'
import { flatten } from './flatten'
import { TreeRowView } from './tree-row'

interface Props {
  nodes: DeepNode[]
  expanded: ReadonlySet<number>
  filter: string
  /** With a filter: what it leaves. */
  shown: ReadonlySet<number> | null
  onToggle: (id: number) => void
}

export function TreeView({ nodes, expanded, filter, shown, onToggle }: Props) {
  const instance = useInstance()
  const navigate = useNavigate()
  const [details, setDetails] = useState<DeepNode | null>(null)
  const rows = useMemo(() => flatten(nodes, expanded, shown), [nodes, expanded, shown])
  const { virtualizer, scrollerProps, active, focusRow } = useVirtualRows(rows.length, filter)

  const openPage = (id: number) =>
    navigate({ to: '/i/$instance/nodes/$id', params: { instance, id } })

  const activate = (index: number) => {
    const row = rows[index]
    if (!row) return
    // With a filter everything is open, and stays so.
    if (row.expanded !== null && shown === null) onToggle(row.node.id)
    else setDetails(row.node)
  }

  const goOut = (index: number) => {
    const level = rows[index]?.level ?? 1
    focusRow(rows.slice(0, index).findLastIndex((row) => row.level === level - 1))
  }

  const onRowKey = (event: KeyboardEvent, index: number) => {
    const row = rows[index]
    if (!row || event.target !== event.currentTarget || event.ctrlKey || event.metaKey) return
    const rtl = getComputedStyle(event.currentTarget).direction === 'rtl'
    const inward = rtl ? 'ArrowLeft' : 'ArrowRight'
    const outward = rtl ? 'ArrowRight' : 'ArrowLeft'
    if (event.key === 'Enter' || event.key === ' ') activate(index)
    else if (event.key === 'o') openPage(row.node.id)
    else if (event.key === inward && row.expanded === false) onToggle(row.node.id)
    else if (event.key === inward && row.expanded) focusRow(index + 1)
    else if (event.key === outward && row.expanded && shown === null) onToggle(row.node.id)
    else if (event.key === outward && row.level > 1) goOut(index)
    else return
    event.preventDefault()
  }

  return (
    <>
      <div
        {...scrollerProps}
        role="treegrid"
        aria-label={t('node.children')}
        aria-rowcount={rows.length}
        aria-colcount={2}
        className={shared.scroller}
      >
        <div
          role="rowgroup"
          className={shared.canvas}
          style={{ blockSize: virtualizer.getTotalSize() }}
        >
          {virtualizer.getVirtualItems().map(({ index, start }) => {
            const row = rows[index]
            if (!row) return null
            return (
              <TreeRowView
                key={row.node.id}
                row={row}
                index={index}
                start={start}
                active={index === active}
                onActivate={() => activate(index)}
                onKeyDown={(event) => onRowKey(event, index)}
              />
            )
          })}
        </div>
      </div>
      <ElementDialog node={details} onClose={() => setDetails(null)} />
    </>
  )
}
