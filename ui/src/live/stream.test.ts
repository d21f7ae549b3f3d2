import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { LiveKind } from '../api/types'
import { type Socket, Stream } from './stream'

const KINDS: LiveKind[] = ['channels']

class Played implements Socket {
  sent: { event: string; id: string; data: Record<string, unknown> }[] = []
  closed = false
  onopen: Socket['onopen'] = null
  onmessage: Socket['onmessage'] = null
  onclose: Socket['onclose'] = null

  send(text: string) {
    this.sent.push(JSON.parse(text))
  }
  close() {
    this.closed = true
  }
  tell(message: Record<string, unknown>) {
    this.onmessage?.({ data: JSON.stringify(message) })
  }
  asked() {
    return this.sent.filter(({ event }) => event === '[Live]')
  }
  answer(seq: number, keys: string[]) {
    const channels = Object.fromEntries(keys.map((key) => [key, { uuid: key }]))
    const request_id = this.asked().at(-1)?.id
    this.tell({ MessageType: '[Live]', request_id, switch: 's', seq, rows: { channels } })
  }
  push(after: number, seq: number, changes: unknown[]) {
    this.tell({ MessageType: '[Live]', switch: 's', after, seq, changes })
  }
}

let sockets: Played[]
let stream: Stream
const last = () => sockets.at(-1) as Played
const shown = () => [...(stream.view('s').rows?.get('channels')?.keys() ?? [])]
const started = (...keys: string[]) => {
  stream.follow('s', KINDS, () => {})
  last().onopen?.()
  last().answer(1, keys)
}

beforeEach(() => {
  vi.useFakeTimers()
  sockets = []
  stream = new Stream(() => {
    sockets.push(new Played())
    return last()
  })
})
afterEach(() => vi.useRealTimers())

test('reads what is followed, and takes what is pushed together', () => {
  const heard = vi.fn()
  stream.follow('s', KINDS, heard)
  expect(stream.view('s')).toEqual({ status: 'connecting', rows: null })
  last().onopen?.()
  expect(last().asked()[0]?.data).toEqual({
    switch: 's',
    kinds: ['channels'],
    keep_subscription: true,
  })
  last().answer(1, ['a'])
  expect(shown()).toEqual(['a'])
  heard.mockClear()
  last().push(1, 2, [{ kind: 'channels', key: 'b', row: { uuid: 'b' } }])
  last().push(2, 3, [{ kind: 'channels', key: 'a', row: null }])
  vi.advanceTimersByTime(100)
  expect(shown()).toEqual(['b'])
  expect(heard).toHaveBeenCalledTimes(1)
})

test('what is pushed before the answer is not lost', () => {
  stream.follow('s', KINDS, () => {})
  last().onopen?.()
  last().push(0, 1, [{ kind: 'channels', key: 'old', row: { uuid: 'old' } }])
  last().push(1, 2, [{ kind: 'channels', key: 'b', row: { uuid: 'b' } }])
  vi.advanceTimersByTime(100)
  last().answer(1, ['a'])
  expect(shown()).toEqual(['a', 'b'])
})

test('a gap has everything read again; until then the old is shown', () => {
  started('a')
  last().push(5, 6, [{ kind: 'channels', key: 'b', row: { uuid: 'b' } }])
  vi.advanceTimersByTime(100)
  expect(last().asked()).toHaveLength(2)
  expect(shown()).toEqual(['a'])
  last().answer(6, ['b', 'c'])
  expect(shown()).toEqual(['b', 'c'])
})

test('so does a resync, of this switch or of all, but not of another one', () => {
  started('a')
  last().tell({ MessageType: '[Live]', switch: 'other', resync: true })
  expect(last().asked()).toHaveLength(1)
  last().tell({ MessageType: '[Live]', switch: 's', resync: true })
  expect(last().asked()).toHaveLength(2)
  last().answer(9, ['z'])
  last().tell({ MessageType: '[Live]', resync: true })
  expect(last().asked()).toHaveLength(3)
  expect(shown()).toEqual(['z'])
})

test('a connection that is lost is opened again, later each time, and reads again', () => {
  started('a')
  last().onclose?.()
  expect(stream.view('s').status).toBe('away')
  expect(shown()).toEqual(['a'])
  vi.advanceTimersByTime(1_250)
  expect(sockets).toHaveLength(2)
  last().onclose?.()
  vi.advanceTimersByTime(1_400)
  expect(sockets).toHaveLength(2)
  vi.advanceTimersByTime(1_100)
  expect(sockets).toHaveLength(3)
  last().onopen?.()
  last().answer(1, ['n'])
  expect(stream.view('s').status).toBe('open')
  expect(shown()).toEqual(['n'])
})

test('a server that knows nobody here is not asked again', () => {
  stream.follow('s', KINDS, () => {})
  last().onopen?.()
  last().tell({ MessageType: 'connection', no_token: true })
  expect(last().closed).toBe(true)
  expect(stream.view('s').status).toBe('refused')
  vi.advanceTimersByTime(120_000)
  expect(sockets).toHaveLength(1)
})

test('more kinds are read when somebody wants them; without anybody the connection ends', () => {
  const first = stream.follow('s', KINDS, () => {})
  last().onopen?.()
  last().answer(1, ['a'])
  const second = stream.follow('s', ['modules'], () => {})
  expect(last().asked().at(-1)?.data.kinds).toEqual(['channels', 'modules'])
  first()
  second()
  expect(last().closed).toBe(false)
  vi.advanceTimersByTime(10_000)
  expect(last().closed).toBe(true)
})

test('states and effects are told', () => {
  const told = { onState: vi.fn(), onEffects: vi.fn() }
  stream.listen(told)
  started()
  last().tell({ MessageType: '[Live]', switch: 's', state: { key: 's' } })
  last().tell({ MessageType: '[Effects]', switch: 's', effects: [] })
  expect(told.onState).toHaveBeenCalledWith({ key: 's' })
  expect(told.onEffects).toHaveBeenCalledTimes(1)
})

test('an answer without rows is no connection, and neither is one that does not open', () => {
  stream.follow('s', KINDS, () => {})
  last().onopen?.()
  last().tell({ MessageType: 'connection', request_id: last().asked()[0]?.id })
  expect(stream.view('s').status).toBe('away')
  expect(last().closed).toBe(true)
  vi.advanceTimersByTime(1_250)
  expect(sockets).toHaveLength(2)
  vi.advanceTimersByTime(5_000)
  expect(last().closed).toBe(true)
  vi.advanceTimersByTime(2_500)
  expect(sockets).toHaveLength(3)
})
