/**
 * Names and values hold any text. Characters that would hide, reorder or break the text around them
 * (controls, direction marks, zero-width ones) are written out, so that two different names never look the same.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

const SHORT: Record<string, string> = { '\n': '⏎', '\t': '⇥', '\r': '␍' }

const writeOut = (c: string): string =>
  SHORT[c] ?? `⟨U+${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`

export function visible(text: string): string {
  return text.replace(INVISIBLE, writeOut)
}

/** The same, for where line breaks and tabs are shown as such. */
export function visibleBlock(text: string): string {
  return text.replace(INVISIBLE, (c) => (c === '\n' || c === '\t' ? c : writeOut(c)))
}

/** A row has no room for more; the whole is one key away. Never cuts a surrogate pair in two. */
export function clip(text: string, length = 300): string {
  if (text.length <= length) return text
  return `${text.slice(0, length).replace(/[\ud800-\udbff]$/, '')}…`
}
