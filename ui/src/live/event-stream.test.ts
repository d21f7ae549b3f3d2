import { expect, test } from 'vitest'
import { EventReader } from './event-stream'

const TEXT =
  ': hello\r\n\r\nevent: line\r\ndata: {"text":"é"}\r\n\r\nevent:end\ndata: one\ndata:  two\nid: 7\n\ndata\n\nevent: lost\n\n'
const EVENTS = [
  { name: 'line', data: '{"text":"é"}' },
  { name: 'end', data: 'one\n two' },
  { name: 'message', data: '' },
]

test('events are read out of text that is cut anywhere', () => {
  expect(new EventReader().read(TEXT)).toEqual(EVENTS)
  for (let at = 0; at <= TEXT.length; at++) {
    const reader = new EventReader()
    expect([...reader.read(TEXT.slice(0, at)), ...reader.read(TEXT.slice(at))]).toEqual(EVENTS)
  }
})

test('what is not whole is not given', () => {
  const reader = new EventReader()
  expect(reader.read('event: line\ndata: 1\n')).toEqual([])
  expect(reader.read('\n')).toEqual([{ name: 'line', data: '1' }])
})
