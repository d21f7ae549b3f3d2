import { expect, test } from 'vitest'
import type { Attribute, DeepNode } from '../api/types'
import { xmlLines, xmlText } from './xml'

function node(
  tag: string,
  attributes: Attribute[] = [],
  children: DeepNode[] = [],
  text: string | null = null,
): DeepNode {
  return { id: 1, tag, name: null, attributes, text, enabled: true, position: 1, children }
}

const print = (root: DeepNode, masked = false) => xmlText(xmlLines(root, masked))

test('indents, and closes empty elements at once', () => {
  const param = node('param', [
    ['name', 'a'],
    ['value', 'b'],
  ])
  expect(print(node('configuration', [['name', 'x.conf']], [node('settings', [], [param])]))).toBe(
    `<configuration name="x.conf">
  <settings>
    <param name="a" value="b"/>
  </settings>
</configuration>
`,
  )
})

test('hostile text comes back as the same text from an XML parser', () => {
  const hostile = `"><script>alert('&amp;')</script>\n\t\u202eevil & <b>`
  const xml = print(node('a', [['x', hostile]], [], hostile))
  const parsed = new DOMParser().parseFromString(xml, 'application/xml')
  expect(parsed.documentElement.getAttribute('x')).toBe(hostile)
  expect(parsed.documentElement.textContent).toBe(hostile)
  expect(parsed.documentElement.children).toHaveLength(0)
})

test('what XML cannot hold is replaced', () => {
  expect(print(node('a', [['x', 'a\0b']]))).toBe('<a x="a\ufffdb"/>\n')
})

test('text between elements stays where it is', () => {
  const mixed = node(
    'p',
    [],
    [node('#text', [], [], 'press '), node('b', [], [], '1'), node('#text', [], [], ' & wait')],
  )
  expect(print(node('a', [], [mixed, node('c')]))).toBe(
    '<a>\n  <p>press <b>1</b> &amp; wait</p>\n  <c/>\n</a>\n',
  )
})

test('what is disabled is marked, and left out of what is copied', () => {
  const off = { ...node('b', [], [node('c')]), enabled: false }
  const lines = xmlLines(node('a', [], [off, node('d')]), false)
  expect(lines.map((line) => line.off)).toEqual([false, true, true, true, false, false])
  expect(xmlText(lines)).toBe('<a>\n  <d/>\n</a>\n')
  expect(print(off)).toContain('<c/>')
})

test('secrets are masked when asked for', () => {
  const param = node('param', [
    ['name', 'password'],
    ['value', '1234'],
  ])
  expect(print(param, true)).not.toContain('1234')
  expect(print(param)).toContain('1234')
})
