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

export function xmlLines(root: DeepNode, masked: boolean): XmlLine[] {
  const lines: XmlLine[] = []
  const visit = (node: DeepNode, depth: number, offAbove: boolean) => {
    const off = offAbove || !node.enabled
    const line = (tokens: Token[], at = depth) => lines.push({ depth: at, off, tokens })
    const start = opening(node, masked)
    const text = (masked ? maskText(node) : null) ?? node.text ?? ''
    const content: Token[] = text === '' ? [] : [['text', escapeText(text)]]
    if (node.children.length > 0) {
      line([...start, ['mark', '>']])
      if (content.length > 0) line(content, depth + 1)
      for (const child of node.children) visit(child, depth + 1, off)
      line(closing(node))
    } else if (content.length > 0) {
      line([...start, ['mark', '>'], ...content, ...closing(node)])
    } else {
      line([...start, ['mark', '/>']])
    }
  }
  visit(root, 0, false)
  return lines
}

export function xmlText(lines: XmlLine[]): string {
  return lines
    .map(({ depth, tokens }) => `${'  '.repeat(depth)}${tokens.map(([, text]) => text).join('')}\n`)
    .join('')
}
