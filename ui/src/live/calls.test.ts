import { expect, test } from 'vitest'
import type { Channel } from '../api/types'
import { contains, duration, endpoint, joined, lasting, party } from './calls'

const channel = (uuid: string, more: Partial<Channel> = {}) =>
  ({ uuid, created_s: null, call_uuid: null, other_leg: null, ...more }) as Channel
const calls = (...channels: Channel[]) =>
  joined(new Map(channels.map((one) => [one.uuid, one]))).map(({ legs }) =>
    legs.map(({ uuid }) => uuid),
  )

test('legs are joined by the call that they name and by the other leg', () => {
  expect(
    calls(
      channel('b', { call_uuid: 'a', created_s: 5 }),
      channel('a', { created_s: 5 }),
      channel('x', { created_s: 2 }),
      channel('y', { other_leg: 'x', created_s: 3 }),
      channel('z', { other_leg: 'gone' }),
    ),
  ).toEqual([['x', 'y'], ['a', 'b'], ['z']])
})

test('legs that name each other in a circle are one call', () => {
  expect(
    calls(
      channel('a', { other_leg: 'b' }),
      channel('b', { other_leg: 'c' }),
      channel('c', { other_leg: 'a' }),
    ),
  ).toEqual([['a', 'b', 'c']])
})

test('durations', () => {
  expect([0, 59_999, 65_000, 3_845_000, -5].map(duration)).toEqual([
    '0:00',
    '0:59',
    '1:05',
    '1:04:05',
    '0:00',
  ])
  expect(lasting(100, 110_000, 2_000)).toBe('0:08')
  expect(lasting(null, 110_000, null)).toBeNull()
})

test('a filter finds in any word', () => {
  expect(contains('YEA', [null, 'Yealink'])).toBe(true)
  expect(contains('x', [null, 'Yealink'])).toBe(false)
})

test('a leg is whoever called, or whoever was called', () => {
  const leg = channel('a', { cid_name: 'Alice', cid_num: '1000', callee_name: 'Bob', dest: '1001' })
  expect(party({ ...leg, direction: 'inbound' })).toEqual({ name: 'Alice', number: '1000' })
  expect(party({ ...leg, direction: 'outbound' })).toEqual({ name: 'Bob', number: '1001' })
})

test('an extension is an endpoint', () => {
  expect([' 1000 ', '1000@example.com', 'sofia/gateway/gw/1', ' '].map(endpoint)).toEqual([
    'user/1000',
    'user/1000@example.com',
    'sofia/gateway/gw/1',
    '',
  ])
})
