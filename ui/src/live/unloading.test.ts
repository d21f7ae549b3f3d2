import { expect, test } from 'vitest'
import type { Channel } from '../api/types'
import { type CountedRows, countedFor, lostWith, moduleName, warningOf } from './unloading'

const named = (...names: (string | null)[]) =>
  new Map(names.map((name, i) => [String(i), { name } as Channel]))

const rows: CountedRows = {
  channels: named('sofia/internal/1000@example.com', 'verto.rtc/1001', 'sofia/external/1', null),
  registrations: new Map([['a', {} as never]]),
  members: new Map([['m', {} as never]]),
}

test('what goes through a module ends with it', () => {
  expect(lostWith('mod_sofia', rows)).toEqual({ channels: 2, registrations: 1 })
  expect(lostWith('mod_verto', rows)).toEqual({ channels: 1, registrations: 0 })
  expect(lostWith('mod_callcenter', rows)).toEqual({ channels: 1, registrations: 0 })
  expect(lostWith('mod_conference', rows)).toEqual({ channels: 0, registrations: 0 })
  expect(lostWith('mod_spandsp', rows)).toBeNull()
})

test('only what is needed is read', () => {
  expect(countedFor('mod_sofia')).toEqual(['channels', 'registrations'])
  expect(countedFor('mod_loopback')).toEqual(['channels'])
  expect(countedFor('mod_callcenter')).toEqual(['members'])
  expect(countedFor('mod_spandsp')).toEqual([])
})

test('what cannot be taken back is said', () => {
  expect(warningOf('mod_event_socket')).toBe('socket')
  expect(warningOf('mod_sofia')).toBeNull()
})

test('a module by what was typed', () => {
  expect([' sofia ', 'mod_av', 'mod_av.so', ''].map(moduleName)).toEqual([
    'mod_sofia',
    'mod_av',
    'mod_av',
    '',
  ])
})
