import { expect, test } from 'vitest'
import { homeOf, pageSearch, signInSearch, switchSearch } from './search'

test('a filter that looks like a number stays text', () => {
  expect(pageSearch({ q: '1000' })).toEqual({ q: '1000' })
  expect(pageSearch({ q: '', view: 'pdf' })).toEqual({})
  expect(pageSearch({ view: 'xml' })).toEqual({ view: 'xml' })
})

test('of a switch there are tabs, and levels of the log', () => {
  expect(switchSearch({ tab: 'log', level: 'debug', q: '1' })).toEqual({
    tab: 'log',
    level: 'debug',
    q: '1',
  })
  expect(switchSearch({ tab: 'nothing', level: '7', revision: 'x' })).toEqual({})
  expect(switchSearch({ revision: '12' })).toEqual({ revision: 12 })
  for (const revision of ['-1', '1.5', '', '1e99']) expect(switchSearch({ revision })).toEqual({})
})

test('after signing in one stays here', () => {
  expect(signInSearch({ next: '/i/default/users?q=1' })).toEqual({ next: '/i/default/users?q=1' })
  for (const next of ['https://evil.example', '//evil.example', '/\\evil.example', 'x', 5]) {
    expect(signInSearch({ next })).toEqual({})
  }
})

test('home is the default instance, or else the first', () => {
  const instance = (name: string, isDefault: boolean) => ({
    id: 1,
    name,
    description: '',
    default: isDefault,
  })
  expect(homeOf([instance('a', false), instance('b', true)])).toBe('b')
  expect(homeOf([instance('a', false)])).toBe('a')
  expect(homeOf([])).toBe('default')
})
