import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { childrenQuery } from '../api/queries'
import type { Node, PathStep } from '../api/types'
import { useInstance } from '../app/place'
import { formatNumber, t } from '../i18n'
import { PagedList } from '../lists/paged-list'
import type { Column } from '../lists/virtual-list'
import { AttributeValues } from '../tree/attribute-values'
import { labelOf } from '../tree/parts'
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

  return (
    <PagedList
      query={query}
      q={q}
      onFilter={(text) => navigate({ search: { q: text }, replace: true })}
      header={(tools) => (
        <NodeHeader node={node} path={path}>
          {note !== undefined && <p className={toolbar.note}>{note}</p>}
          {tools}
        </NodeHeader>
      )}
      words={{ count: 'list.count', empty: 'list.empty', tried: 'list.tried' }}
      label={t('node.children')}
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
