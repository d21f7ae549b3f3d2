import type { UseQueryResult } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import type { Node, PathStep, Subtree } from '../api/types'
import { t } from '../i18n'
import { branches, countNodes, filterTree, firstExpanded } from '../tree/flatten'
import { TreeView } from '../tree/tree-view'
import { XmlView } from '../tree/xml-view'
import { Button } from '../ui/button'
import { FilterBox } from '../ui/filter-box'
import { Loaded } from '../ui/loaded'
import { Notice } from '../ui/notice'
import { Segments } from '../ui/segments'
import toolbar from '../ui/toolbar.module.css'
import { NodeHeader } from './node-header'

interface Props {
  node: Node
  path: PathStep[]
  query: UseQueryResult<Subtree>
}

const views = () => [
  { value: 'tree', text: t('node.tree') },
  { value: 'xml', text: t('node.xml') },
]

/** What was opened by hand in which element, so that Back finds it so. */
const opened = new Map<number, ReadonlySet<number>>()

/** An element with everything in it, as a tree or as XML. */
export function NodeSubtree({ node, path, query }: Props) {
  const { q = '', view = 'tree' } = useSearch({ from: '/signed-in/i/$instance/nodes/$id' })
  const navigate = useNavigate({ from: '/i/$instance/nodes/$id' })
  const root = query.data?.node
  const inside = useMemo(() => root?.children ?? [], [root])
  const all = useMemo(() => branches(inside), [inside])
  const total = useMemo(() => countNodes(inside), [inside])
  const filtered = useMemo(() => (q === '' ? null : filterTree(inside, q)), [inside, q])

  // Until somebody opens or closes something, the tree opens by itself.
  const first = useMemo(() => firstExpanded(inside), [inside])
  const [chosen, setChosen] = useState(opened.get(node.id) ?? null)
  const open = (ids: ReadonlySet<number>) => {
    opened.set(node.id, ids)
    setChosen(ids)
  }
  const expanded = chosen ?? first
  const toggle = (id: number) => {
    const next = new Set(expanded)
    if (!next.delete(id)) next.add(id)
    open(next)
  }
  const allOpen = expanded.size >= all.size

  const setFilter = (text: string) =>
    navigate({ search: (before) => ({ ...before, q: text }), replace: true })
  const setView = (next: string) =>
    navigate({ search: { ...(q && { q }), ...(next === 'xml' && { view: 'xml' as const }) } })

  return (
    <>
      <NodeHeader node={node} path={path}>
        {total > 0 && (
          <div className={toolbar.toolbar}>
            {view === 'tree' && (
              <FilterBox value={q} onChange={setFilter} label={t('list.filter')} />
            )}
            <span className={toolbar.count} role="status">
              {filtered && view === 'tree'
                ? t('list.countFiltered', { n: filtered.matches })
                : t('node.count', { n: total })}
            </span>
            <span className={toolbar.space} />
            {view === 'tree' && all.size > 0 && filtered === null && (
              <Button kind="quiet" onClick={() => open(allOpen ? new Set() : all)}>
                {t(allOpen ? 'node.collapseAll' : 'node.expandAll')}
              </Button>
            )}
            <Segments label={t('node.view')} value={view} options={views()} onChange={setView} />
          </div>
        )}
      </NodeHeader>
      <Loaded query={query} tried={t('node.tried')}>
        {(data) => {
          if (view === 'xml') return <XmlView root={data.node} />
          if (total === 0) return <Notice title={t('node.empty')} />
          if (filtered?.matches === 0) return <Notice title={t('list.emptyFilter', { q })} />
          return (
            <TreeView
              nodes={inside}
              expanded={expanded}
              filter={q}
              shown={filtered?.shown ?? null}
              onToggle={toggle}
            />
          )
        }}
      </Loaded>
    </>
  )
}
