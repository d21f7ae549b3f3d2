// A small FreeSWITCH as the import would leave it, with names that mean harm, and very many users.

export const HOSTILE = [
  '<img src=x onerror="window.hacked=1">',
  '"><script>window.hacked=1</script>',
  "'; DROP TABLE users; --",
  '\u202eevil\u202c.conf',
  'a\u0000b\nc\td',
  'שלום عليكم',
  '🎺'.repeat(20),
  '${destination_number} $${domain} {{7*7}}',
  'x'.repeat(10_000),
]

export const BIG = {
  domain: 'big.example.com',
  id: 1_000_000,
  users: 100_000,
  firstUser: 2_000_000,
}

const el = (tag, attributes = {}, children = [], more = {}) => ({
  tag,
  attributes,
  children,
  ...more,
})
const param = (name, value) => el('param', { name, value })
const action = (application, data) => el('action', { application, data })
const params = (pairs) => Object.entries(pairs).map(([name, value]) => param(name, value))
const document = (name, description, children = []) =>
  el('configuration', { name, description }, children)

const acl = document('acl.conf', 'Network Lists', [
  el('network-lists', {}, [
    el('list', { name: 'lan', default: 'allow' }, [
      el('node', { type: 'deny', cidr: '192.168.42.0/24' }),
      el('node', { type: 'allow', cidr: '192.168.42.42/32' }),
    ]),
    el('list', { name: 'domains', default: 'deny' }, [
      el('node', { type: 'allow', domain: '$${domain}' }),
    ]),
  ]),
])

const sofia = document('sofia.conf', 'sofia Endpoint', [
  el('global_settings', {}, params({ 'log-level': '0', 'debug-presence': '0' })),
  el('profiles', {}, [
    el('profile', { name: 'internal' }, [
      el('gateways', {}, [
        el(
          'gateway',
          { name: 'provider' },
          params({ username: 'acme', password: 'gateway-secret', register: 'true' }),
        ),
      ]),
      el('settings', {}, [
        ...params({
          'sip-port': '5060',
          context: 'public',
          'odbc-dsn': 'dsn:user:database-secret',
          'rtp-ip': '$${local_ip_v4}',
        }),
        el('param', { name: 'debug', value: '1' }, [], { enabled: false }),
        ...Array.from({ length: 120 }, (_, i) => param(`setting-${i}`, `value ${i}`)),
      ]),
    ]),
  ]),
])

const hostileDocument = document(
  HOSTILE[0],
  HOSTILE[1],
  HOSTILE.map((text) => param(text, text)),
)

const fillers = [
  'callcenter',
  'conference',
  'console',
  'event_socket',
  'ivr',
  'logfile',
  'modules',
  'switch',
  'voicemail',
]
const configuration = el(
  'section',
  { name: 'configuration', description: 'Various Configuration' },
  [
    acl,
    ...fillers.map((name) =>
      document(`${name}.conf`, `Configuration of ${name}`, [
        el('settings', {}, params({ loglevel: 'info', password: 'ClueCon' })),
      ]),
    ),
    sofia,
    el('configuration', { name: 'unused.conf' }, [], { enabled: false }),
    hostileDocument,
  ],
)

const extension = (name, field, expression, ...actions) =>
  el('extension', { name }, [el('condition', { field, expression }, actions)])

const dialplan = el('section', { name: 'dialplan', description: 'Regex/XML Dialplan' }, [
  el('context', { name: 'default' }, [
    extension(
      'Local_Extension',
      'destination_number',
      '^(10[01][0-9])$',
      action('export', 'dialed_extension=$1'),
      el('action', { application: 'set', data: 'ringback=${us-ring}', inline: 'true' }),
      action('bridge', 'user/${dialed_extension}@${domain_name}'),
    ),
    extension('echo', 'destination_number', '^9196$', action('answer', ''), action('echo', '')),
    extension('enum', '${module_exists(mod_enum)}', 'true', action('transfer', '$1 enum')),
  ]),
  el('context', { name: 'public' }, [extension('unloop', '${unroll_loops}', '^true$')]),
  el(
    'context',
    { name: 'huge' },
    Array.from({ length: 2_000 }, (_, i) =>
      extension(
        `route_${i}`,
        'destination_number',
        `^${i}$`,
        action('hangup', 'NO_ROUTE_DESTINATION'),
      ),
    ),
  ),
])

const user = (id) =>
  el('user', { id: String(id) }, [
    el('params', {}, params({ password: '$${default_password}', 'vm-password': String(id) })),
    el('variables', {}, [
      el('variable', { name: 'toll_allow', value: 'domestic,international,local' }),
      el('variable', { name: 'user_context', value: 'default' }),
    ]),
  ])

const domain = el('domain', { name: 'example.com' }, [
  el(
    'params',
    {},
    params({
      'dial-string':
        '{^^:sip_invite_domain=${dialed_domain}}${sofia_contact(*/${dialed_user}@${dialed_domain})}',
    }),
  ),
  el('groups', {}, [
    el('group', { name: 'default' }, [
      el(
        'users',
        {},
        Array.from({ length: 20 }, (_, i) => user(1000 + i)),
      ),
    ]),
  ]),
])

const variable = (name, value, cmd = 'set') => el('variable', { name, value, cmd })
const variables = el('variables', {}, [
  variable('default_password', 'very-secret'),
  variable('domain', '$${local_ip_v4}'),
  variable('external_rtp_ip', 'stun:stun.example.com', 'stun-set'),
])

const root = el('document', { type: 'freeswitch/xml' }, [
  variables,
  configuration,
  dialplan,
  el('section', { name: 'directory', description: 'User Directory' }, [domain]),
  el('section', { name: 'languages', description: 'Language Management' }, [
    el('language', { name: 'en' }, [el('phrases', {}, [el('macros')])]),
  ]),
  el('section', { name: 'chatplan', description: 'Regex/XML Chatplan' }, [
    el('context', { name: 'public' }),
  ]),
])

/** Elements by id, each with its parent. */
export const nodes = new Map()

let nextId = 1
function number(element, parent, position) {
  element.id = nextId++
  element.parent = parent
  element.position = position
  nodes.set(element.id, element)
  element.children.forEach((child, i) => {
    number(child, element, i + 1)
  })
}
number(root, null, 1)

export { dialplan, domain, root }

/** One of the 100,000, made when asked for. */
export function bigUser(index) {
  const made = user(String(500_000 + index))
  made.parent = domain
  made.position = index + 1
  let id = BIG.firstUser + index * 10
  const assign = (element) => {
    element.id = id++
    element.children.forEach((child, i) => {
      child.parent = element
      child.position = i + 1
      assign(child)
    })
  }
  assign(made)
  return made
}

export function findNode(id) {
  if (id < BIG.firstUser) return nodes.get(id)
  const index = Math.floor((id - BIG.firstUser) / 10)
  return index < BIG.users && (id - BIG.firstUser) % 10 === 0 ? bigUser(index) : undefined
}
