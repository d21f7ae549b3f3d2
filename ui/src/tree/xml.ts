import type { DeepNode } from '../api/types'
import { maskAttribute, maskText } from './secrets'

export type TokenKind = 'mark' | 'tag' | 'name' | 'value' | 'text'
export type Token = [kind: TokenKind, text: string]

export interface XmlLine {
  depth: number
  /** The element, or one around it, is disabled. */
  off: boolean
  tokens: Token[]
}

/** The server's tag for a run of text between elements; no element can have this name. */
const TEXT_TAG = '#text'

// XML 1.0 has no way to write most control characters; they become the replacement character.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g
const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\r': '&#13;',
  '\t': '&#9;',
}

export const escapeText = (text: string): string =>
  text.replace(NOT_XML, '\ufffd').replace(/[&<>\r]/g, (c) => ENTITIES[c] ?? c)

/** Line breaks and tabs in an attribute would be read back as spaces. */
export const escapeAttribute = (text: string): string =>
  text.replace(NOT_XML, '\ufffd').replace(/[&<>"\n\r\t]/g, (c) => ENTITIES[c] ?? c)

function opening(node: DeepNode, masked: boolean): Token[] {
  const tokens: Token[] = [
    ['mark', '<'],
    ['tag', node.tag],
  ]
  node.attributes.forEach(([name, value], i) => {
    const shown = (masked ? maskAttribute(node, i) : null) ?? value
    tokens.push(
      ['name', ` ${name}`],
      ['mark', '="'],
      ['value', escapeAttribute(shown)],
      ['mark', '"'],
    )
  })
  return tokens
}

const closing = (node: DeepNode): Token[] => [
  ['mark', '</'],
  ['tag', node.tag],
  ['mark', '>'],
]

const isMixed = (node: DeepNode) => node.children.some((child) => child.tag === TEXT_TAG)

function textOf(node: DeepNode, masked: boolean): Token[] {
  const text = (masked ? maskText(node) : null) ?? node.text ?? ''
  return text === '' ? [] : [['text', escapeText(text)]]
}

/** All on one line: between text and elements white space would be text too. */
function inline(node: DeepNode, masked: boolean): Token[] {
  const inside = [
    ...textOf(node, masked),
    ...node.children.filter(({ enabled }) => enabled).flatMap((child) => inline(child, masked)),
  ]
  if (node.tag === TEXT_TAG) return inside
  const start = opening(node, masked)
  if (inside.length === 0) return [...start, ['mark', '/>']]
  return [...start, ['mark', '>'], ...inside, ...closing(node)]
}

export function xmlLines(root: DeepNode, masked: boolean): XmlLine[] {
  const lines: XmlLine[] = []
  const visit = (node: DeepNode, depth: number, offAbove: boolean) => {
    const off = offAbove || !node.enabled
    const line = (tokens: Token[]) => lines.push({ depth, off, tokens })
    if (node.children.length === 0 || isMixed(node)) {
      line(inline(node, masked))
      return
    }
    line([...opening(node, masked), ['mark', '>'], ...textOf(node, masked)])
    for (const child of node.children) visit(child, depth + 1, off)
    line(closing(node))
  }
  visit(root, 0, false)
  return lines
}

/** To be used elsewhere, where nothing says what is disabled: without it, unless all of it is. */
export function xmlText(lines: XmlLine[]): string {
  const whole = lines[0]?.off ?? false
  return lines
    .filter(({ off }) => whole || !off)
    .map(({ depth, tokens }) => `${'  '.repeat(depth)}${tokens.map(([, text]) => text).join('')}\n`)
    .join('')
}
