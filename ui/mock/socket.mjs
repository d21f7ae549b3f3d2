// As much of RFC 6455 as a browser needs for messages of text.
import { createHash } from 'node:crypto'

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const TEXT = 1
const CLOSE = 8
const PING = 9
const PONG = 10

function frame(code, payload) {
  const length = payload.length
  const head =
    length < 126
      ? Buffer.from([0x80 | code, length])
      : length < 65_536
        ? Buffer.from([0x80 | code, 126, length >> 8, length & 255])
        : Buffer.concat([Buffer.from([0x80 | code, 127]), size(length)])
  return Buffer.concat([head, payload])
}

function size(length) {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(length))
  return bytes
}

/** One frame of a client and what follows it; null while it is not whole. */
function parse(buffer) {
  if (buffer.length < 6) return null
  let length = buffer[1] & 127
  let at = 2
  if (length === 126) {
    length = buffer.readUInt16BE(2)
    at = 4
  }
  if (buffer.length < at + 4 + length) return null
  const mask = buffer.subarray(at, at + 4)
  const payload = buffer.subarray(at + 4, at + 4 + length).map((byte, i) => byte ^ mask[i % 4])
  return { code: buffer[0] & 15, payload, rest: buffer.subarray(at + 4 + length) }
}

/** Answers the handshake. `open` gets what sends a text, and gives `hear` for each that comes and `end`. */
export function upgrade(request, socket, open) {
  const accept = createHash('sha1').update(request.headers['sec-websocket-key'] + GUID)
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Accept: ${accept.digest('base64')}\r\n\r\n`,
  )
  const { hear, end } = open((text) => socket.write(frame(TEXT, Buffer.from(text))))
  let buffer = Buffer.alloc(0)
  socket.on('data', (bytes) => {
    buffer = Buffer.concat([buffer, bytes])
    for (let one = parse(buffer); one !== null; one = parse(buffer)) {
      buffer = Buffer.from(one.rest)
      if (one.code === TEXT) hear(Buffer.from(one.payload).toString())
      else if (one.code === PING) socket.write(frame(PONG, Buffer.from(one.payload)))
      else if (one.code === CLOSE) socket.end(frame(CLOSE, Buffer.from(one.payload)))
    }
  })
  socket.on('close', end)
  socket.on('error', end)
}
