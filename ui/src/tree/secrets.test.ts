import { expect, test } from 'vitest'
import type { Attribute } from '../api/types'
import { hasSecret, MASK, maskAttribute, maskText } from './secrets'

const element = (tag: string, attributes: Attribute[], text: string | null = null) => ({
  tag,
  attributes,
  text,
})

test.each([
  ['password'],
  ['vm-password'],
  ['a1-hash'],
  ['reverse-auth-password'],
  ['odbc-dsn'],
  ['core-db-dsn'],
  ['tls-passphrase'],
  ['jwt-Secret'],
  ['gateway-credentials'],
])('the value of %s is hidden, its name is not', (name) => {
  const param = element('param', [
    ['name', name],
    ['value', 'x1'],
  ])
  expect(maskAttribute(param, 0)).toBeNull()
  expect(maskAttribute(param, 1)).toBe(MASK)
})

test('an attribute of that name is hidden wherever it is', () => {
  const user = element('user', [
    ['id', '1000'],
    ['password', 'x1'],
  ])
  expect(maskAttribute(user, 0)).toBeNull()
  expect(maskAttribute(user, 1)).toBe(MASK)
})

test('of an assignment only the value is hidden', () => {
  const set = element('X-PRE-PROCESS', [
    ['cmd', 'set'],
    ['data', 'default_password=1234'],
  ])
  expect(maskAttribute(set, 1)).toBe(`default_password=${MASK}`)
})

test('the text of a secret element is hidden', () => {
  expect(maskText(element('password', [], 'x1'))).toBe(MASK)
  expect(maskText(element('note', [], 'x1'))).toBeNull()
})

test('nothing is hidden of ordinary or empty values', () => {
  const port = element('param', [
    ['name', 'sip-port'],
    ['value', '5060'],
  ])
  const empty = element('param', [
    ['name', 'password'],
    ['value', ''],
  ])
  const test = element('condition', [
    ['field', 'destination_number'],
    ['expression', '^x=1$'],
  ])
  expect([port, empty, test].map(hasSecret)).toEqual([false, false, false])
})
