import { expect, test } from 'vitest'
import { clip, visible, visibleBlock } from './text'

test('what would reorder or hide is written out', () => {
  expect(visible('1000\u202e0001')).toBe('1000⟨U+202E⟩0001')
  expect(visible('a\u200bb\0c')).toBe('a⟨U+200B⟩b⟨U+0000⟩c')
  expect(visible('a\nb\tc')).toBe('a⏎b⇥c')
})

test('ordinary text of any script stays', () => {
  for (const text of ['<img src=x onerror=alert(1)>', 'שלום', 'Zoë 你好 🎺']) {
    expect(visible(text)).toBe(text)
  }
})

test('a block keeps its lines', () => {
  expect(visibleBlock('a\n\tb\u202e')).toBe('a\n\tb⟨U+202E⟩')
})

test('long text is cut, never inside a character', () => {
  expect(clip('abc', 3)).toBe('abc')
  expect(clip('abcd', 3)).toBe('abc…')
  expect(clip('ab🎺d', 3)).toBe('ab…')
})
