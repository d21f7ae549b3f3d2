import { expect, test } from 'vitest'
import type { Attribute, DeepNode } from '../api/types'
import { branches, countNodes, filterTree, firstExpanded, flatten } from './flatten'

let nextId = 1
function node(tag: string, attributes: Attribute[] = [], children: DeepNode[] = []): DeepNode {
  const id = nextId++
  return { id, tag, name: null, attributes, text: null, enabled: true, position: 1, children }
}
const param = (name: string, value: string) =>
  node('param', [
    ['name', name],
    ['value', value],
  ])

const settings = node('settings', [], [param('sip-port', '5060'), param('password', 'hunter2')])
const gateways = node(
  'gateways',
  [],
  [node('gateway', [['name', 'provider']], [param('realm', 'x')])],
)
const tree = [settings, gateways]
const tags = (rows: { node: DeepNode; level: number }[]) => rows.map((r) => r.level + r.node.tag)

test('closed branches hide what is in them', () => {
  expect(tags(flatten(tree, new Set()))).toEqual(['1settings', '1gateways'])
  expect(tags(flatten(tree, branches(tree)))).toEqual([
    '1settings',
    '2param',
    '2param',
    '1gateways',
    '2gateway',
    '3param',
  ])
})

test('a filter shows matches, what is around and what is inside', () => {
  const rows = (filter: string) => tags(flatten(tree, new Set(), filterTree(tree, filter).shown))
  expect(rows('SIP-')).toEqual(['1settings', '2param'])
  expect(rows('provider')).toEqual(['1gateways', '2gateway', '3param'])
  expect(rows('nothing')).toEqual([])
  expect(filterTree(tree, 'provider').matches).toBe(1)
})

test('a filter does not find secrets', () => {
  expect(filterTree(tree, 'hunter')).toEqual({ shown: new Set(), matches: 0 })
})

test('what is inside a disabled element is off', () => {
  const off = { ...settings, enabled: false }
  expect(flatten([off], branches([off])).map((row) => row.off)).toEqual([true, true, true])
})

test('few rows open wholly, many only as far as they can be read', () => {
  expect(firstExpanded(tree)).toEqual(branches(tree))
  const many = (n: number) => Array.from({ length: n }, (_, i) => param(`p${i}`, '1'))
  const wide = [node('a', [], many(150)), node('b', [], many(150))]
  expect(firstExpanded(wide).size).toBe(0)
  const alone = [node('settings', [], many(500))]
  expect(firstExpanded(alone).size).toBe(1)
  expect(countNodes(alone)).toBe(501)
})
