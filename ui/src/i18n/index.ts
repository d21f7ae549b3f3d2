import { en } from './en'

/** A language is one object of messages, and one line here. */
const languages = { en: { messages: en, dir: 'ltr' } } as const
const language = 'en'
const { messages } = languages[language]

export const direction = languages[language].dir

export type MessageKey = keyof typeof en
type Values = Record<string, string | number>

// Numbers and times follow the reader's own locale, whatever the language of the words.
const numbers = new Intl.NumberFormat()
const plurals = new Intl.PluralRules(language)
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })
const calendar = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })

export const formatNumber = (n: number): string => numbers.format(n)
export const formatTime = (at: number | Date): string => clock.format(at)

/** What is no time is shown as it came. */
export function formatDateTime(iso: string): string {
  const at = new Date(iso)
  return Number.isNaN(at.getTime()) ? iso : calendar.format(at)
}

function pattern(key: MessageKey, n: unknown): string {
  const message: string | { one: string; other: string } = messages[key]
  if (typeof message === 'string') return message
  return plurals.select(Number(n)) === 'one' ? message.one : message.other
}

export function t(key: MessageKey, values: Values = {}): string {
  return pattern(key, values.n).replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name]
    if (value === undefined) return whole
    return typeof value === 'number' ? formatNumber(value) : value
  })
}

export function setDocumentLanguage(): void {
  document.documentElement.lang = language
  document.documentElement.dir = direction
}
