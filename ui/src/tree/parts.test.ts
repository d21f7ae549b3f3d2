import { expect, test } from 'vitest'
import { labelOf, parts } from './parts'

test('a param is its name and value', () => {
  expect(
    parts([
      ['name', 'sip-port'],
      ['value', '5060'],
    ]),
  ).toEqual({ label: 0, value: 1, rest: [] })
})

test('an action keeps what is beyond the pair', () => {
  expect(
    parts([
      ['inline', 'true'],
      ['application', 'set'],
      ['data', 'a=b'],
    ]),
  ).toEqual({ label: 1, value: 2, rest: [0] })
})

test('an acl entry is called by its type', () => {
  expect(
    parts([
      ['type', 'allow'],
      ['cidr', '10.0.0.0/8'],
    ]),
  ).toEqual({ label: 0, value: null, rest: [1] })
})

test('an unknown element keeps all its attributes', () => {
  expect(parts([['foo', 'bar']])).toEqual({ label: null, value: null, rest: [0] })
})

test('an element without a name is called by its tag', () => {
  expect(labelOf({ tag: 'settings', name: null, attributes: [] })).toBe('settings')
  expect(labelOf({ tag: 'user', name: null, attributes: [['id', '1000']] })).toBe('1000')
  expect(labelOf({ tag: 'param', name: '', attributes: [] })).toBe('')
})
