import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { isTooLarge } from '../api/errors'
import { nodeQuery, subtreeQuery } from '../api/queries'
import type { NodeWithPath } from '../api/types'
import { useInstance } from '../app/place'
import { isSection, sectionTitle } from '../app/sections'
import { useTitle } from '../app/title'
import { t } from '../i18n'
import { labelOf } from '../tree/parts'
import { Loaded } from '../ui/loaded'
import { NodeChildren } from './node-children'
import { NodeSubtree } from './node-subtree'

export function NodePage() {
  const instance = useInstance()
  const { id } = useParams({ from: '/signed-in/i/$instance/nodes/$id' })
  const query = useQuery(nodeQuery(instance, id))
  return (
    <Loaded query={query} tried={t('node.tried')}>
      {/* Another element is another page: nothing opened or revealed goes over to it. */}
      {(found) => <Found key={id} {...found} />}
    </Loaded>
  )
}

/** A section is a list; any other element is shown with all that is in it, unless that is too much at once. */
function Found({ node, path }: NodeWithPath) {
  const instance = useInstance()
  const section = isSection(node, path.length)
  const subtree = useQuery({ ...subtreeQuery(instance, node.id), enabled: !section })
  useTitle(section ? sectionTitle(node) : labelOf(node))

  if (section) return <NodeChildren node={node} path={path} />
  if (isTooLarge(subtree.error)) {
    return <NodeChildren node={node} path={path} note={t('list.tooLarge')} />
  }
  return <NodeSubtree node={node} path={path} query={subtree} />
}
