import { describe, expect, test } from 'vitest'
import { applied, stateOf } from './rows'

const start = () => stateOf(10, { channels: { a: { n: 1 }, b: { n: 2 } }, modules: {} })

describe('changes', () => {
  test('are taken in their order, and a row that is null is gone', () => {
    const before = start()
    const after = applied(before, [
      { after: 10, seq: 12, changes: [{ kind: 'channels', key: 'a', row: null }] },
      {
        after: 12,
        seq: 13,
        changes: [
          { kind: 'channels', key: 'c', row: { n: 3 } },
          { kind: 'channels', key: 'b', row: { n: 4 } },
        ],
      },
    ])
    expect(after?.seq).toBe(13)
    expect([...(after?.rows.get('channels') ?? [])]).toEqual([
      ['b', { n: 4 }],
      ['c', { n: 3 }],
    ])
    expect([...(before.rows.get('channels')?.keys() ?? [])]).toEqual(['a', 'b'])
  })

  test('leave the tables alone that they are not about', () => {
    const before = start()
    const after = applied(before, [
      { after: 10, seq: 11, changes: [{ kind: 'channels', key: 'a', row: null }] },
    ])
    expect(after?.rows.get('modules')).toBe(before.rows.get('modules'))
  })

  test('that are known, and kinds that nobody asked for, are left out', () => {
    const before = start()
    const old = { after: 8, seq: 10, changes: [{ kind: 'channels', key: 'a', row: null }] }
    expect(applied(before, [old])).toBe(before)
    const other = { after: 10, seq: 11, changes: [{ kind: 'agents', key: 'x', row: {} }] }
    const after = applied(before, [other])
    expect(after?.seq).toBe(11)
    expect(after?.rows.has('agents')).toBe(false)
  })

  test('that overlap what is known are taken', () => {
    const delta = { after: 9, seq: 11, changes: [{ kind: 'channels', key: 'b', row: { n: 9 } }] }
    expect(applied(start(), [delta])?.rows.get('channels')?.get('b')).toEqual({ n: 9 })
  })

  test('that do not follow on are no state', () => {
    expect(applied(start(), [{ after: 11, seq: 12, changes: [] }])).toBeNull()
  })

  test('set says what of a row is otherwise, and a row that is not known has to be read', () => {
    const delta = (key: string) => ({
      after: 10,
      seq: 11,
      changes: [{ kind: 'channels', key, set: { m: 7 } }],
    })
    const rows = applied(start(), [delta('a')])?.rows.get('channels')
    expect(rows?.get('a')).toEqual({ ...(start().rows.get('channels')?.get('a') as object), m: 7 })
    expect(applied(start(), [delta('nobody')])).toBeNull()
  })
})
