// Switches that are played: one that lives, one that is away. What is told to the first one changes it, and is pushed.
import { HOSTILE } from './tree.mjs'

const now = () => Math.floor(Date.now() / 1000)
const started = now()
const problem = (status, title, detail) => ({ status, body: { title, status, detail } })
const ok = (body) => ({ status: 200, body })
const done = { status: 204 }

const channel = (uuid, more) => ({
  uuid,
  direction: 'inbound',
  created_s: started - 65,
  answered_s: started - 60,
  name: null,
  state: 'CS_EXECUTE',
  callstate: 'ACTIVE',
  cid_name: null,
  cid_num: null,
  callee_name: null,
  callee_num: null,
  ip_addr: '192.0.2.50',
  dest: null,
  application: null,
  application_data: null,
  dialplan: 'XML',
  context: 'default',
  read_codec: 'PCMA',
  write_codec: 'PCMA',
  presence_id: null,
  accountcode: null,
  call_uuid: null,
  other_leg: null,
  ...more,
})
const uuid = (n) => `5f2b1c9e-0000-4000-8000-${String(n).padStart(12, '0')}`
const two = (a, b, from, to, more = {}) => [
  channel(uuid(a), {
    name: `sofia/internal/${from[1]}@example.com`,
    cid_name: from[0],
    cid_num: from[1],
    dest: to[1],
    application: 'bridge',
    application_data: `user/${to[1]}@example.com`,
    presence_id: `${from[1]}@example.com`,
    call_uuid: uuid(a),
    other_leg: uuid(b),
    ...more,
  }),
  channel(uuid(b), {
    direction: 'outbound',
    name: `sofia/internal/${to[1]}@192.0.2.51`,
    cid_name: from[0],
    cid_num: from[1],
    callee_name: to[0],
    callee_num: to[1],
    dest: to[1],
    presence_id: `${to[1]}@example.com`,
    call_uuid: uuid(a),
    other_leg: uuid(a),
    ...more,
  }),
]

const byKey = (rows, keyOf) => new Map(rows.map((row) => [keyOf(row), row]))
const registration = (i) => ({
  user: String(1000 + i),
  realm: 'example.com',
  profile: 'internal',
  contact: `sip:${1000 + i}@192.0.2.${10 + (i % 200)}:5060`,
  token: `token-${i}`,
  network_ip: `192.0.2.${10 + (i % 200)}`,
  network_port: 5060 + i,
  network_proto: ['udp', 'tcp', 'tls', 'wss'][i % 4],
  user_agent: i < HOSTILE.length ? HOSTILE[i] : ['Yealink SIP-T54W 96.86', 'Jitsi', null][i % 3],
  expires: started + 600 + ((i * 37) % 3000),
})
const agent = (name, status, state) => ({
  name: `${name}@default`,
  contact: `user/${name}`,
  status,
  state,
  calls_answered: name.length * 3,
  last_status_change: started - 900,
})
const member = (id, name, number, flags = {}) => ({
  conference: '3000-example.com',
  id,
  uuid: uuid(900 + id),
  cid_name: name,
  cid_num: number,
  flags: {
    can_hear: true,
    can_speak: true,
    hold: false,
    talking: false,
    has_floor: false,
    is_moderator: false,
    ...flags,
  },
  energy: 100,
})
const MODULES = [
  'sofia',
  'callcenter',
  'conference',
  'dptools',
  'event_socket',
  'xml_curl',
  'verto',
]

const tables = {
  channels: byKey(
    [
      ...two(1, 2, ['Alice Arnold', '1000'], ['Bob Brown', '1001']),
      ...two(3, 4, ['Carol Clark', '1002'], ['Dave Dixon', '1003'], {
        callstate: 'RINGING',
        answered_s: null,
        created_s: started - 8,
      }),
      ...two(5, 6, [HOSTILE[0], HOSTILE[3]], [HOSTILE[1], '1005'], { callstate: 'HELD' }),
      channel(uuid(7), {
        name: 'sofia/external/+4930901820@carrier.example',
        cid_name: 'A very long name of a caller that does not fit into its column at all',
        cid_num: '+4930901820',
        dest: '3000',
        application: 'conference',
        application_data: '3000-example.com@default',
        created_s: started - 4000,
      }),
      ...two(8, 9, ['Grace Green', '1009'], ['Heidi Hill', '1010'], {
        created_s: started - 30,
        answered_s: started - 25,
      }),
    ],
    (row) => row.uuid,
  ),
  registrations: byKey(
    Array.from({ length: 500 }, (_, i) => registration(i)),
    (row) => `${row.user}@${row.realm}/${row.token}`,
  ),
  profiles: byKey(
    [
      ['sofia', 'internal', 'RUNNING', 4, 'sip:mod_sofia@192.0.2.1:5060'],
      ['sofia', 'external', 'RUNNING', 1, 'sip:mod_sofia@192.0.2.1:5080'],
      ['sofia', 'internal-ipv6', 'DOWN', 0, 'sip:mod_sofia@[2001:db8::1]:5060'],
      ['verto', 'default-v4', 'RUNNING', 0, '0.0.0.0:8081'],
    ].map(([kind, name, state, calls, uri]) => ({ kind, name, state, calls, uri })),
    (row) => `${row.kind}::${row.name}`,
  ),
  gateways: byKey(
    [
      ['carrier', 'REGED', 'UP', 12, 30],
      ['backup-carrier', 'FAIL_WAIT', 'DOWN', 0, 0],
      ['trunk', 'NOREG', 'UP', 3, 8],
    ].map(([name, state, status, calls_in, calls_out]) => ({
      profile: 'external',
      name,
      uri: `sip:acme@${name}.example`,
      state,
      status,
      calls_in,
      calls_out,
    })),
    (row) => `${row.profile}::${row.name}`,
  ),
  modules: byKey(
    MODULES.map((name) => ({
      name: `mod_${name}`,
      filename: `/usr/lib/freeswitch/mod/mod_${name}.so`,
    })),
    (row) => row.name,
  ),
  queues: byKey(
    [
      ['support@default', 'longest-idle-agent', 121, 7, 1],
      ['sales@default', 'ring-all', 44, 2, 0],
    ].map(([name, strategy, calls_answered, calls_abandoned, count]) => ({
      name,
      strategy,
      calls_answered,
      calls_abandoned,
      count,
    })),
    (row) => row.name,
  ),
  agents: byKey(
    [
      agent('1000', 'Available', 'Waiting'),
      agent('1001', 'On Break', 'Waiting'),
      agent('1002', 'Logged Out', 'Idle'),
    ],
    (row) => row.name,
  ),
  tiers: byKey(
    [
      ['support@default', '1000@default', 'Ready', 1, 1],
      ['sales@default', '1001@default', 'Standby', 1, 2],
    ].map(([queue, name, state, level, position]) => ({
      queue,
      agent: name,
      state,
      level,
      position,
    })),
    (row) => `${row.queue}/${row.agent}`,
  ),
  members: byKey(
    [
      {
        uuid: uuid(800),
        queue: 'support@default',
        cid_number: '+441632960001',
        cid_name: HOSTILE[1],
        joined_epoch: started - 42,
        serving_agent: null,
        state: 'Waiting',
      },
    ],
    (row) => row.uuid,
  ),
  conferences: byKey(
    [
      {
        name: '3000-example.com',
        profile: 'default',
        member_count: 3,
        locked: false,
        recording: true,
      },
    ],
    (row) => row.name,
  ),
  conference_members: byKey(
    [
      member(11, 'Erin Evans', '1006', { is_moderator: true, talking: true }),
      member(12, 'Frank Foster', '1007', { can_speak: false }),
      member(13, HOSTILE[0], '1008'),
    ],
    (row) => `${row.conference}/${row.id}`,
  ),
}

export const LIVE = 'pbx1'
const sockets = new Map()
let removed = false

const view = (more) => ({
  configured: false,
  instance_id: null,
  port: 8021,
  since_ms: started * 1000 - 3_600_000,
  stale_since_ms: null,
  trouble: null,
  advice: null,
  failures: 0,
  unread: {},
  counts: {},
  channels: 0,
  answered: 0,
  figures: {},
  status: null,
  ...more,
})

function views() {
  const counts = Object.fromEntries(Object.entries(tables).map(([kind, rows]) => [kind, rows.size]))
  const channels = [...tables.channels.values()]
  const all = [
    view({
      key: LIVE,
      name: 'pbx1.example.com',
      configured: true,
      instance_id: 1,
      host: '127.0.0.1',
      phase: 'live',
      counts,
      channels: channels.length,
      answered: channels.filter(({ callstate }) => callstate === 'ACTIVE').length,
      status: {
        hostname: 'pbx1',
        switchname: 'pbx1.example.com',
        version: '1.10.12',
        uptime_ms: 86_400_000,
        clock_offset_ms: 0,
      },
    }),
    ...sockets.values(),
  ]
  if (!removed) {
    all.push(
      view({
        key: 'pbx2',
        name: 'pbx2.example.com',
        instance_id: 2,
        host: '192.0.2.7',
        phase: 'away',
        since_ms: started * 1000 - 120_000,
        stale_since_ms: started * 1000 - 120_000,
        trouble: 'FreeSWITCH does not take the password',
        advice: 'set freeswitch.esl.pass to the `password` of FreeSWITCH’s event_socket.conf',
        failures: 12,
        counts: { registrations: 31 },
      }),
    )
  }
  return all
}

let seq = 100
const listeners = new Set()

/** Changes rows, and pushes that. */
function change(...changes) {
  for (const { kind, key, row } of changes) {
    if (row === null) tables[kind].delete(key)
    else tables[kind].set(key, row)
  }
  const after = seq
  seq += 1
  const push = JSON.stringify({ MessageType: '[Live]', switch: LIVE, after, seq, changes })
  for (const tell of listeners) tell(push)
}

const effect = (id, line, state, reply, command = 'sofia.rescan') => ({
  id,
  revision: 12 - (id % 3),
  switch: LIVE,
  command,
  line,
  state,
  reply,
  at_ms: (started - 60 * id) * 1000,
})
const offers = [
  {
    ...effect(1, 'sofia profile internal restart', 'offered', '', 'sofia.restart'),
    interrupts: { channels: 4, registrations: 500 },
  },
  {
    ...effect(2, 'reload mod_avmd', 'offered', '', 'module.reload'),
    interrupts: { channels: 0, registrations: 0 },
  },
]
const effects = [
  effect(3, 'reloadxml', 'done', '+OK [Success]\n', 'reloadxml'),
  effect(4, 'sofia profile external rescan', 'failed', `-ERR ${HOSTILE[0]}`),
  effect(5, 'core-db-dsn', 'restart', ''),
]
/** What a revision came to. */
export const revisionEffects = (id) => effects.filter(({ revision }) => revision === id)
/** The newest last. */
const typed = ['show channels', 'sofia status']

const update = (kind, key, more) =>
  change({ kind, key, row: { ...tables[kind].get(key), ...more } })

const refused = (detail) => problem(409, 'Conflict', detail)
const wanted = (name, slot, shape) =>
  problem(400, 'Bad request', `${slot} of ${name}: must be ${shape}`)

/** What is told about a call. */
function onCall(name, { uuid: id, ...values }) {
  const leg = tables.channels.get(id)
  if (!leg) return refused('-ERR No such channel!')
  const legs = [...tables.channels.values()].filter(
    (other) => other.uuid === id || (other.call_uuid && other.call_uuid === leg.call_uuid),
  )
  const ends = (gone) =>
    change(...gone.map(({ uuid: key }) => ({ kind: 'channels', key, row: null })))
  if (name === 'call.hangup') ends(legs)
  else if (name === 'call.hold') update('channels', id, { callstate: 'HELD' })
  else if (name === 'call.unhold') update('channels', id, { callstate: 'ACTIVE' })
  else if (name === 'call.park') {
    ends(legs.filter((other) => other !== leg))
    update('channels', id, { application: 'park', application_data: '', other_leg: null })
  } else if (name === 'call.transfer') {
    if (!/^[\w.@+*#:-]+$/.test(values.destination)) {
      return wanted(name, 'destination', 'a number or a name that can be dialled')
    }
    const sent = values.leg === '-both' ? legs : [leg]
    ends(legs.filter((other) => !sent.includes(other)))
    for (const { uuid: key } of sent) {
      update('channels', key, {
        dest: values.destination,
        context: values.context ?? leg.context,
        application: null,
        application_data: null,
        call_uuid: key,
        other_leg: null,
      })
    }
  } else if (name === 'call.eavesdrop') {
    if (values.endpoint.endsWith('/nobody')) return refused('-ERR USER_NOT_REGISTERED')
    const dest = values.endpoint.split('/').at(-1)
    const row = channel(uuid(700 + seq), {
      direction: 'outbound',
      name: `sofia/internal/${dest}`,
      callee_num: dest,
      dest,
      application: 'eavesdrop',
      application_data: id,
      created_s: now(),
    })
    change({ kind: 'channels', key: row.uuid, row })
  } else if (name === 'call.record' && !values.path.startsWith('/') && values.path !== 'all') {
    return refused('-ERR Cannot record session!')
  }
  return ok({ reply: '+OK Success\n' })
}

function onModule(name, module) {
  const known = tables.modules.has(module)
  if (name !== 'module.load' && !known) return refused(`-ERR unloading module [no such module]`)
  if (name === 'module.unload') change({ kind: 'modules', key: module, row: null })
  if (name === 'module.load') {
    if (known) return refused('-ERR [Module already loaded]')
    if (module === 'mod_missing') return refused('-ERR [dso_load error]')
    const row = { name: module, filename: `/usr/lib/freeswitch/mod/${module}.so` }
    change({ kind: 'modules', key: module, row })
  }
  return ok({ reply: '+OK\n' })
}

function command(name, values) {
  if (name.startsWith('call.')) return onCall(name, values)
  if (name === 'global.get') return ok({ reply: '/var/lib/freeswitch/recordings' })
  if (name.startsWith('module.')) return onModule(name, values.module)
  if (name === 'callcenter.agent.status') {
    update('agents', values.agent, { status: values.status })
  } else if (name === 'callcenter.agent.state') {
    if (values.agent.startsWith('1002')) return refused('-ERR Agent not found!')
    update('agents', values.agent, { state: values.state })
  } else if (name === 'conference.lock') {
    update('conferences', values.conference, { locked: values.action === 'lock' })
  } else if (name === 'conference.member') {
    const key = `${values.conference}/${values.member}`
    const known = tables.conference_members.get(key)
    if (values.action === 'kick') change({ kind: 'conference_members', key, row: null })
    else {
      const flag = values.action.endsWith('mute') ? 'can_speak' : 'can_hear'
      const flags = { ...known.flags, [flag]: values.action.startsWith('un') }
      update('conference_members', key, { flags })
    }
  } else if (name === 'sofia.start' && !tables.profiles.has(`sofia::${values.profile}`)) {
    return refused(`-ERR Failure starting ${values.profile}`)
  } else if (name === 'sofia.start') {
    update('profiles', `sofia::${values.profile}`, { state: 'RUNNING' })
  }
  return ok({ reply: '+OK\n' })
}

function cli(line) {
  typed.push(line)
  if (line === 'status') {
    return ok({
      text: 'UP 0 years, 1 day, 0 hours\nFreeSWITCH (Version 1.10.12) is ready\n',
      cut: false,
    })
  }
  if (line.startsWith('hostile')) return ok({ text: HOSTILE.join('\n'), cut: true })
  return ok({ text: `-ERR ${line} Command not found!\n`, cut: false })
}

const doctor = () => ({
  checks: [
    { what: 'event socket', state: 'good', found: 'connected to 127.0.0.1:8021', remedy: '' },
    {
      what: 'mod_xml_curl',
      state: 'bad',
      found: 'the switch does not ask us for the dialplan',
      remedy: 'put the snippet into autoload_configs/xml_curl.conf.xml, then `reload mod_xml_curl`',
    },
    {
      what: 'clock',
      state: 'note',
      found: 'its clock is 3.2 s behind ours',
      remedy: 'let NTP set both machines’ clocks',
    },
  ],
  snippets: {
    xml_curl:
      '<configuration name="xml_curl.conf">\n  <bindings>\n    <binding name="custompbx"/>\n  </bindings>\n</configuration>\n',
    event_socket: '<configuration name="event_socket.conf">\n  <settings/>\n</configuration>\n',
  },
})

const imported = (what) => ({
  skipped: ['example.com/1000', HOSTILE[0]],
  added: 3,
  revision: 13,
  served: true,
  report: `${what}: 3 added, 2 as they were`,
  files: '/etc/freeswitch',
})

/** Like `answer` of api.mjs, for what is below /api/v2/switches. */
export function answerSwitches(method, [key, what, name, verb], body) {
  if (key === undefined) return ok({ items: views() })
  if (what === 'event-socket' && method === 'PUT') {
    if (body.host.includes(' ')) {
      const why = '`host` is the address or the name of the switch’s machine'
      return problem(400, 'Bad request', why)
    }
    const added = { key, name: key, host: body.host, port: body.port, phase: 'connecting' }
    sockets.set(key, view({ ...added, since_ms: Date.now() }))
    return done
  }
  if (what === 'event-socket' && method === 'DELETE') {
    if (key === 'pbx2') removed = true
    sockets.delete(key)
    return done
  }
  const one = views().find((each) => each.key === key)
  if (!one) return problem(404, 'Not found', 'There is no such switch.')
  if (what === undefined) return ok(one)
  if (what === 'reconnect') return { status: 202 }
  const lives = key === LIVE
  if (what === 'live') {
    const rows = lives ? Object.fromEntries(tables[name] ?? []) : {}
    return ok({ switch: key, phase: one.phase, stale_since_ms: one.stale_since_ms, seq, rows })
  }
  if (what === 'effects') return ok({ items: lives ? effects : [] })
  if (what === 'offers' && name === undefined) return ok({ items: lives ? offers : [] })
  if (what === 'offers') {
    const at = offers.findIndex(({ id }) => id === Number(name))
    if (at < 0) return problem(404, 'Not found', 'There is no such offer.')
    const [{ interrupts: _, ...offer }] = offers.splice(at, 1)
    const state = verb === 'accept' ? 'done' : 'dismissed'
    const decided = { ...offer, state, reply: verb === 'accept' ? '+OK\n' : '' }
    effects.unshift(decided)
    return verb === 'accept' ? ok(decided) : done
  }
  if (what === 'doctor') {
    return ok(lives ? doctor() : { ...doctor(), checks: doctor().checks.slice(1, 2) })
  }
  if (what === 'import') return ok(imported(body.what))
  if (what === 'cli' && method === 'GET') return ok({ items: typed })
  if (!lives) return problem(503, 'Service unavailable', 'there is no connection to the switch')
  if (what === 'cli') return cli(body.line)
  if (what === 'commands') return command(name, body)
  return problem(404, 'Not found', 'There is no such path.')
}

/** What is said on the stream: an answer to each message, and pushes from then on. Gives what ends it. */
export function stream(tell) {
  const hear = (text) => {
    const { event, id, data } = JSON.parse(text)
    if (event !== '[Live]') return tell(JSON.stringify({ MessageType: event, request_id: id }))
    listeners.add(tell)
    const own = data.switch === LIVE
    const rows = data.kinds.map((kind) => [kind, own ? Object.fromEntries(tables[kind]) : {}])
    const state = views().find(({ key }) => key === data.switch)
    const reply = {
      request_id: id,
      switch: data.switch,
      seq,
      rows: Object.fromEntries(rows),
      state,
    }
    return tell(JSON.stringify({ MessageType: '[Live]', ...reply }))
  }
  return { hear, end: () => listeners.delete(tell) }
}
