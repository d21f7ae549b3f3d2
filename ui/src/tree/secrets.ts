import type { Attribute } from '../api/types'

/** Names that hold what only some may see. A `dsn` carries the password of its database. */
const SECRET = /password|passwd|passphrase|secret|a1-hash|auth-token|credentials|dsn/i

/** Attributes that say what the others are about. */
const NAMING = new Set(['name', 'key', 'cmd', 'application', 'function', 'field'])
/** Attributes that hold what a naming attribute announces. */
const HOLDING = new Set(['value', 'data', 'expression'])

export const MASK = '••••••••'

interface Item {
  tag: string
  attributes: Attribute[]
  text: string | null
}

export const isSecretName = (name: string): boolean => SECRET.test(name)

function announcesSecret({ tag, attributes }: Item): boolean {
  return isSecretName(tag) || attributes.some(([n, v]) => NAMING.has(n) && isSecretName(v))
}

/** `default_password=1234`, as in X-PRE-PROCESS and in the `set` application. */
function secretAssignment(value: string): number | null {
  const equals = value.indexOf('=')
  return equals > 0 && isSecretName(value.slice(0, equals)) ? equals : null
}

/** What may be shown of the attribute at `index`; null when it is no secret. */
export function maskAttribute(item: Item, index: number): string | null {
  const attribute = item.attributes[index]
  if (attribute === undefined || attribute[1] === '') return null
  const [name, value] = attribute
  if (NAMING.has(name)) return null
  if (isSecretName(name)) return MASK
  if (!HOLDING.has(name)) return null
  const equals = secretAssignment(value)
  if (equals !== null) return value.slice(0, equals + 1) + MASK
  return announcesSecret(item) ? MASK : null
}

export function maskText(item: Item): string | null {
  return item.text !== null && item.text !== '' && announcesSecret(item) ? MASK : null
}

export function hasSecret(item: Item): boolean {
  return maskText(item) !== null || item.attributes.some((_, i) => maskAttribute(item, i) !== null)
}
