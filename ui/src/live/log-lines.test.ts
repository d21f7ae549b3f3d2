import { expect, test } from 'vitest'
import type { LogLine } from '../api/types'
import { levelNumber, levelWord, logFilter, ofCall, partsOf } from './log-lines'

const line = (more: Partial<LogLine>): LogLine => ({
  level: 6,
  file: 'sofia.c',
  function: 'config_sofia',
  line: 4718,
  uuid: null,
  text: '2026-11-22 23:38:13.892839 92.80% [INFO] sofia.c:4718 sip-port [5080]',
  ...more,
})

test('a level has a word and a number', () => {
  expect(levelWord(3)).toBe('err')
  expect(levelWord(10)).toBe('debug')
  expect(levelNumber('debug')).toBe(7)
})

test('what stands in columns of its own is not said again', () => {
  expect(partsOf(line({}))).toEqual({ time: '23:38:13.892', said: 'sip-port [5080]' })
  const two = '2026-11-22 23:38:13.892839 [INFO] sofia.c:4718 v=0\no=- 1\n'
  expect(partsOf(line({ text: two }))).toEqual({ time: '23:38:13.892', said: 'v=0\no=- 1\n' })
})

test('a line of another shape, or that names another place, is shown whole', () => {
  for (const text of ['EXECUTE [depth=0] set(a=b)', '', line({}).text.replace('sofia', 'other')]) {
    expect(partsOf(line({ text }))).toEqual({ time: null, said: text })
  }
})

test('a filter is text, a call, or both', () => {
  const uuid = '5f2b1c9e-0000-4000-8000-000000000001'
  const leaves = (q: string) => logFilter(q).leaves(line({ uuid }))
  for (const q of ['', ' ', 'SIP-port [5080', 'config_', 'sofia.c:4718', '5f2b', ofCall(uuid)]) {
    expect([q, leaves(q)]).toEqual([q, true])
  }
  expect(leaves('uuid:5F2B  sip-port')).toBe(true)
  expect(leaves('uuid:5f2b nothing')).toBe(false)
  expect(leaves('uuid:6')).toBe(false)
  // Somebody who is still typing it sees everything.
  expect(leaves('uuid:')).toBe(true)
  expect(logFilter('uuid:5f2b').leaves(line({}))).toBe(false)
  expect(logFilter(ofCall(uuid)).uuid).toBe(uuid)
})
