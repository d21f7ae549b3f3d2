import type { Attribute } from '../api/types'

/** FreeSWITCH's pairs: what an attribute is called by, and where its value is. First match wins. */
const PAIRS: [label: string, value: string][] = [
  ['name', 'value'],
  ['application', 'data'],
  ['function', 'data'],
  ['cmd', 'data'],
  ['key', 'value'],
  ['field', 'expression'],
]
const LABELS = ['name', 'id', 'type', 'application', 'function', 'field', 'key', 'cmd']

/** How the attributes of an element spread over a row; numbers are places in its list. */
export interface Parts {
  label: number | null
  value: number | null
  rest: number[]
}

export function parts(attributes: Attribute[]): Parts {
  const at = (name: string) => attributes.findIndex(([n]) => n === name)
  const pair = PAIRS.find(([label, value]) => at(label) >= 0 && at(value) >= 0)
  const label = pair ? at(pair[0]) : (LABELS.map(at).find((place) => place >= 0) ?? null)
  const value = pair ? at(pair[1]) : null
  const rest = attributes.map((_, place) => place).filter((i) => i !== label && i !== value)
  return { label, value, rest }
}

interface Named {
  tag: string
  name: string | null
  attributes: Attribute[]
}

/** What an element is called by; its tag when nothing names it. */
export function labelOf({ tag, name, attributes }: Named): string {
  const { label } = parts(attributes)
  return name ?? (label === null ? undefined : attributes[label]?.[1]) ?? tag
}
