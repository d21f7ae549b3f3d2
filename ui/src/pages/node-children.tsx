import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { childrenQuery } from '../api/queries'
import type { Node, PathStep } from '../api/types'
import { useInstance } from '../app/place'
import { formatNumber, t } from '../i18n'
import { usePaged } from '../lists/paged'
import { type Column, VirtualList } from '../lists/virtual-list'
import { AttributeValues } from '../tree/attribute-values'
import { labelOf } from '../tree/parts'
import { FilterBox } from '../ui/filter-box'
import { Loaded } from '../ui/loaded'
import { Notice } from '../ui/notice'
import { StateWord } from '../ui/state-word'
import toolbar from '../ui/toolbar.module.css'
import { Verbatim } from '../ui/verbatim'
import styles from './node-children.module.css'
import { NodeHeader } from './node-header'

const columns: Column<Node>[] = [
  { title: t('list.value'), cell: (node) => <AttributeValues node={node} /> },
  {
    title: t('list.inside'),
    cell: ({ children }) => children > 0 && <span>{formatNumber(children)}</span>,
  },
  { title: t('list.state'), cell: ({ enabled }) => <StateWord enabled={enabled} /> },
]

interface Props {
  node: Node
  path: PathStep[]
  /** Why this is a list and not a tree, where that needs saying. */
  note?: string
}

/** What is directly inside an element, page by page. */
export function NodeChildren({ node, path, note }: Props) {
  const instance = useInstance()
  const { q = '' } = useSearch({ from: '/signed-in/i/$instance/nodes/$id' })
  const navigate = useNavigate({ from: '/i/$instance/nodes/$id' })
  const query = useInfiniteQuery(childrenQuery(instance, node.id, q))
  const { items, total, more, pending, shown } = usePaged(query, q)
  const setFilter = (text: string) => navigate({ search: { q: text }, replace: true })
  const counted = shown === '' ? 'list.count' : 'list.countFiltered'

  return (
    <>
      <NodeHeader node={node} path={path}>
        {note !== undefined && <p className={toolbar.note}>{note}</p>}
        <div className={toolbar.toolbar}>
          <FilterBox value={q} onChange={setFilter} label={t('list.filter')} pending={pending} />
          <span className={toolbar.count} role="status">
            {query.data && t(counted, { n: total })}
          </span>
        </div>
      </NodeHeader>
      <Loaded query={query} tried={t('list.tried')}>
        {() =>
          items.length === 0 ? (
            <Notice title={shown === '' ? t('list.empty') : t('list.emptyFilter', { q: shown })} />
          ) : (
            <VirtualList
              label={t('node.children')}
              items={items}
              total={total}
              filter={shown}
              more={more}
              keyOf={(child) => child.id}
              layout={styles.layout}
              first={{
                title: t('list.name'),
                cell: (child, link) => (
                  <Link to="/i/$instance/nodes/$id" params={{ instance, id: child.id }} {...link}>
                    <Verbatim text={child.tag} className={styles.tag} />
                    <Verbatim text={labelOf(child)} className={styles.name} />
                  </Link>
                ),
              }}
              columns={columns}
            />
          )
        }
      </Loaded>
    </>
  )
}
