// The log of a switch that is played: what a call writes, and what is going on beside it.
import { HOSTILE } from './tree.mjs'

const LEVELS = ['CONSOLE', 'ALERT', 'CRIT', 'ERR', 'WARNING', 'NOTICE', 'INFO', 'DEBUG']
const EVERY_MS = 250
const CALL = '5f2b1c9e-0000-4000-8000-000000000001'
const OTHER = '5f2b1c9e-0000-4000-8000-000000000003'
const INVITE = `recv 1102 bytes from udp/[192.0.2.50]:5060 at 12:00:00.000000:
   ------------------------------------------------------------------------
   INVITE sip:1001@example.com SIP/2.0
   Via: SIP/2.0/UDP 192.0.2.50:5060;branch=z9hG4bK-524287-1---a2f2d3c0f7e1b2a4;rport
   From: "Alice Arnold" <sip:1000@example.com>;tag=8c1d2e3f`

const WRITTEN = [
  [7, 'sofia.c', 'sofia_handle_sip_i_state', 7493, CALL, 'Channel sofia/internal/1000@example.com'],
  [
    5,
    'switch_channel.c',
    'switch_channel_perform_answer',
    3870,
    CALL,
    'Channel [sofia/internal/1000@example.com] has been answered',
  ],
  [
    6,
    'mod_dialplan_xml.c',
    'dialplan_hunt',
    639,
    CALL,
    'Processing Alice Arnold <1000>->1001 in context default',
  ],
  [7, 'tport_logging.c', 'tport_log_msg', 12, CALL, INVITE],
  [
    4,
    'sofia_reg.c',
    'sofia_reg_handle_register_token',
    1860,
    null,
    "SIP auth challenge (REGISTER) on sofia profile 'internal' for [1005@example.com] from ip 192.0.2.61",
  ],
  [3, 'mod_callcenter.c', 'cc_agent_update', 812, OTHER, HOSTILE[0]],
  [
    6,
    'mod_xml_curl.c',
    'xml_url_fetch',
    311,
    null,
    'Received HTTP error 503 trying to fetch http://127.0.0.1:8080/xml_curl with a very long query that goes on and on: hostname=pbx1&section=directory&tag_name=domain&key_name=name&key_value=example.com',
  ],
  [5, 'switch_core_session.c', 'switch_core_session_run', 1762, OTHER, HOSTILE[4]],
]

const two = (n) => String(n).padStart(2, '0')
const stamp = (at) =>
  `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ` +
  `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}780`

function written(n) {
  const [level, file, name, line, uuid, said] = WRITTEN[n % WRITTEN.length]
  const text = `${stamp(new Date())} 97.30% [${LEVELS[level]}] ${file}:${line} ${said}`
  return { level, file, function: name, line, uuid, text }
}

/** Sends lines up to a level until the client leaves. */
export function sendLog(response, level) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  const send = (name, data) => response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`)
  let n = 0
  const next = () => {
    const line = written(n++)
    if (line.level <= level) send('line', line)
  }
  while (n < WRITTEN.length * 4) next()
  send('dropped', { count: 31 })
  const timer = setInterval(next, EVERY_MS)
  response.on('close', () => clearInterval(timer))
}
