import type { DeepNode } from '../api/types'
import { maskAttribute, maskText } from './secrets'

/** One visible row of a tree. */
export interface TreeRow {
  node: DeepNode
  /** 1 for the outermost. */
  level: number
  /** null: nothing to expand. */
  expanded: boolean | null
  /** The element, or one around it, is disabled. */
  off: boolean
  place: number
  siblings: number
}

/** More rows than this are not opened at once by themselves. */
const OPEN_ROWS = 200

export function countNodes(nodes: DeepNode[]): number {
  return nodes.reduce((sum, node) => sum + 1 + countNodes(node.children), 0)
}

export function branches(nodes: DeepNode[]): Set<number> {
  const ids = new Set<number>()
  const visit = (node: DeepNode) => {
    if (node.children.length > 0) ids.add(node.id)
    node.children.forEach(visit)
  }
  nodes.forEach(visit)
  return ids
}

/** Opens level after level, as long as the rows stay few enough to read; the first level always. */
export function firstExpanded(nodes: DeepNode[]): Set<number> {
  const open = new Set<number>()
  let rows = nodes.length
  let level = nodes
  while (level.length > 0) {
    const below = level.flatMap((node) => node.children)
    rows += below.length
    if (rows > OPEN_ROWS && open.size > 0) break
    if (rows > OPEN_ROWS && level.length > 1) break
    for (const node of level) if (node.children.length > 0) open.add(node.id)
    level = below
  }
  return open
}

/** Secret values are not searched: a match would tell what they hold. */
function matches(node: DeepNode, needle: string): boolean {
  const has = (text: string) => text.toLowerCase().includes(needle)
  return (
    has(node.tag) ||
    (node.text !== null && maskText(node) === null && has(node.text)) ||
    node.attributes.some(([name, value], i) => has(name) || has(maskAttribute(node, i) ?? value))
  )
}

export interface Filtered {
  /** What matches, what is around it, and what is in it. */
  shown: ReadonlySet<number>
  matches: number
}

export function filterTree(nodes: DeepNode[], filter: string): Filtered {
  const needle = filter.toLowerCase()
  const shown = new Set<number>()
  let found = 0
  const visit = (node: DeepNode, inMatch: boolean): boolean => {
    const match = matches(node, needle)
    if (match) found++
    const here = inMatch || match
    const inside = node.children.map((child) => visit(child, here)).some(Boolean)
    if (here || inside) shown.add(node.id)
    return here || inside
  }
  for (const node of nodes) visit(node, false)
  return { shown, matches: found }
}

/** With a filter all that is shown is expanded. */
export function flatten(
  nodes: DeepNode[],
  expanded: ReadonlySet<number>,
  shown: ReadonlySet<number> | null = null,
): TreeRow[] {
  const rows: TreeRow[] = []
  const visit = (siblings: DeepNode[], level: number, offAbove: boolean) => {
    const visibleOnes = shown ? siblings.filter((node) => shown.has(node.id)) : siblings
    visibleOnes.forEach((node, index) => {
      const open = shown !== null || expanded.has(node.id)
      const off = offAbove || !node.enabled
      rows.push({
        node,
        level,
        expanded: node.children.length > 0 ? open : null,
        off,
        place: index + 1,
        siblings: visibleOnes.length,
      })
      if (open) visit(node.children, level + 1, off)
    })
  }
  visit(nodes, 1, false)
  return rows
}
