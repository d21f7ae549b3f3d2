import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { t } from '.'
import { en } from './en'

test('fills in values and chooses the plural', () => {
  expect(t('users.count', { n: 1 })).toBe('1 user')
  expect(t('users.count', { n: 0 })).toBe('0 users')
  expect(t('users.count', { n: 100_000 })).toMatch(/^100.000 users$/)
})

test('a value is not read as a pattern', () => {
  expect(t('list.emptyFilter', { q: '{q} $& {n}' })).toBe('Nothing matches “{q} $& {n}”.')
})

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !/en(-\w+)?\.ts$|\.test\./.test(name))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
}

test('every message is used', () => {
  const code = sources(join(import.meta.dirname, '..')).join('\n')
  const built = [...code.matchAll(/\bt\(`([a-zA-Z.]+)\$\{/g)].map((match) => match[1] ?? '')
  const unused = Object.keys(en).filter(
    (key) => !code.includes(`'${key}'`) && !built.some((prefix) => key.startsWith(prefix)),
  )
  expect(unused).toEqual([])
})
