import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { AwayError } from '../api/client'
import { Log, type LogEntry, MOST } from './log'
import type { LogLevel } from './log-lines'

interface Opened {
  level: LogLevel
  signal: AbortSignal
  send: (name: string, data: unknown) => void
  raw: (text: string) => void
  close: () => void
  fail: () => void
}

let opened: Opened[]
let refuse: Error | null
let log: Log
const last = () => opened.at(-1) as Opened

const open = async (level: LogLevel, signal: AbortSignal) => {
  if (refuse) throw refuse
  let controller: ReadableStreamDefaultController<Uint8Array>
  const body = new ReadableStream<Uint8Array>({
    start: (own) => {
      controller = own
    },
  })
  const raw = (text: string) => controller.enqueue(new TextEncoder().encode(text))
  opened.push({
    level,
    signal,
    raw,
    send: (name, data) => raw(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`),
    close: () => controller.close(),
    fail: () => controller.error(new TypeError('network error')),
  })
  return body
}

const line = (text: string) => ({ level: 6, file: 'a.c', function: 'f', line: 1, uuid: null, text })
const short = (entry: LogEntry) => (entry.kind === 'line' ? entry.line.text : entry.kind)
const shown = () => log.read().entries.map(short)
/** Lets what came be read, and be shown. */
const settle = (ms = 100) => vi.advanceTimersByTimeAsync(ms)

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 })
  opened = []
  refuse = null
  log = new Log(open)
})
afterEach(() => vi.useRealTimers())

test('lines come together, each listener hears of them once', async () => {
  log.follow('info')
  expect(log.read().state.phase).toBe('connecting')
  await settle()
  expect(log.read().state.phase).toBe('open')
  const heard = vi.fn()
  log.subscribe(heard)
  last().send('line', line('a'))
  last().raw('event: line\ndata: {"level":6,"file":"a.c","function":"f","line":1,"uuid":null,')
  last().raw('"text":"b"}\n\n: still here\n\n')
  last().send('dropped', { count: 31 })
  last().send('something new', {})
  await settle()
  expect(heard).toHaveBeenCalledTimes(1)
  expect(shown()).toEqual(['a', 'b', 'dropped'])
  log.clear()
  expect(shown()).toEqual([])
})

test('only the last rows are kept, each with its own id', async () => {
  log.follow('debug')
  await settle()
  for (let i = 0; i < 3 * MOST; i++) last().send('line', line(String(i)))
  await settle()
  expect(shown()).toHaveLength(MOST)
  expect(shown().at(-1)).toBe(String(3 * MOST - 1))
  expect(new Set(log.read().entries.map(({ id }) => id)).size).toBe(MOST)
})

test('the end says why, and following again says what is missing', async () => {
  log.follow('info')
  await settle()
  last().send('line', line('a'))
  last().send('end', { reason: 'the switch is away' })
  last().send('line', line('too late'))
  await settle()
  expect(log.read().state).toMatchObject({ phase: 'ended', reason: 'the switch is away' })
  expect(last().signal.aborted).toBe(true)
  expect(shown()).toEqual(['a'])
  await settle(5_000)
  log.again()
  await settle()
  last().send('line', line('b'))
  await settle()
  expect(log.read().state.phase).toBe('open')
  expect(shown()).toEqual(['a', 'gap', 'b'])
  const gap = log.read().entries[1]
  expect(gap?.kind === 'gap' && gap.to - gap.from).toBe(5_100)
})

test('another level is asked for, and the rows say from where on', async () => {
  const stop = log.follow('info')
  await settle()
  last().send('line', line('a'))
  await settle()
  stop()
  log.follow('debug')
  await settle()
  expect(opened.map(({ level }) => level)).toEqual(['info', 'debug'])
  expect(opened[0]?.signal.aborted).toBe(true)
  opened[0]?.send('line', line('of the old one'))
  last().send('line', line('b'))
  await settle()
  expect(shown()).toEqual(['a', 'level', 'b'])
})

test('a refusal, a lost connection and silence are failures', async () => {
  refuse = new Error('no')
  log.follow('info')
  await settle()
  expect(log.read().state).toMatchObject({ phase: 'failed', error: refuse })
  refuse = null
  for (const lose of [() => last().close(), () => last().fail(), () => {}]) {
    log.again()
    await settle(40_000)
    expect(log.read().state.phase).toBe('open')
    last().raw(': still here\n\n')
    await settle(40_000)
    expect(log.read().state.phase).toBe('open')
    lose()
    await settle(10_000)
    const { state } = log.read()
    expect(state.phase === 'failed' && state.error).toBeInstanceOf(AwayError)
    expect(last().signal.aborted).toBe(true)
  }
})

test('whoever leaves ends it, also before it began', async () => {
  log.follow('info')()
  await settle()
  expect(last().signal.aborted).toBe(true)
  expect(log.read()).toEqual({ state: { phase: 'idle' }, entries: [] })
})
