import { expect, test } from 'vitest'
import { isFailure, moved } from './typed'

test('goes through what was typed before, and back to what is being typed', () => {
  const start = { lines: ['new', 'old'], at: -1, draft: '' }
  const one = moved(start, 1, 'sofia')
  const two = moved(one.typed, 1, one.text)
  expect([one.text, two.text]).toEqual(['new', 'old'])
  expect(moved(two.typed, 1, two.text)).toEqual(two)
  const back = moved(two.typed, -1, two.text)
  expect(back.text).toBe('new')
  expect(moved(back.typed, -1, back.text).text).toBe('sofia')
  expect(moved(start, -1, 'x').text).toBe('x')
  expect(moved({ lines: [], at: -1, draft: '' }, 1, 'x').text).toBe('x')
})

test('what FreeSWITCH calls a failure', () => {
  expect(['-ERR no such command', '\n-USAGE: x', '+OK', 'a -ERR'].map(isFailure)).toEqual([
    true,
    true,
    false,
    false,
  ])
})
