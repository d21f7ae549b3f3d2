import { revisionEffects } from './switches.mjs'
import { BIG, dialplan, domain, findNode, HOSTILE, nodes, root } from './tree.mjs'

const MAX_SUBTREE = 5_000

const nameOf = ({ attributes }) => attributes.name ?? attributes.id ?? null

const wire = (element) => ({
  id: element.id,
  tag: element.tag,
  name: nameOf(element),
  attributes: Object.entries(element.attributes),
  text: element.text ?? null,
  enabled: element.enabled ?? true,
  position: element.position,
})
const shallow = (element) => ({ ...wire(element), children: element.children.length })
const deep = (element) => ({ ...wire(element), children: element.children.map(deep) })
const size = (element) => element.children.reduce((sum, child) => sum + size(child), 1)

function pathOf(element) {
  const steps = []
  for (let at = element.parent; at; at = at.parent) {
    steps.unshift({ id: at.id, tag: at.tag, name: nameOf(at) })
  }
  return steps
}

function page(items, params) {
  const limit = Number(params.get('limit') ?? 200)
  const from = Number(params.get('cursor') ?? 0)
  const next = from + limit < items.length ? String(from + limit) : null
  return { items: items.slice(from, from + limit), total: items.length, next }
}

const contains = (q) => (text) => text?.toLowerCase().includes(q.toLowerCase())

const vanillaUsers = [...nodes.values()]
  .filter((element) => element.tag === 'user')
  .map((element) => userRow(element.id, element.attributes.id, 'example.com', 'default'))
const hostileUsers = HOSTILE.map((text, i) =>
  userRow(domain.id, text, HOSTILE[(i + 1) % HOSTILE.length], text),
)
const bigUsers = Array.from({ length: BIG.users }, (_, i) =>
  userRow(
    BIG.firstUser + i * 10,
    String(500_000 + i),
    BIG.domain,
    i % 3 === 0 ? 'sales' : null,
    i % 50 !== 0,
  ),
)
const users = [
  ...vanillaUsers,
  ...hostileUsers.map((row, i) => ({ ...row, id: 900_000 + i })),
  ...bigUsers,
]

function userRow(id, name, domainName, group, enabled = true) {
  return {
    id,
    user: name,
    domain: domainName,
    domain_id: domain.id,
    group,
    number_alias: null,
    cidr: null,
    enabled,
  }
}

const remark = (severity, extension, attribute, message, position = null) => ({
  severity,
  extension: nameOf(extension),
  node: extension.id,
  attribute,
  position,
  message,
})

function dialplanCheck() {
  const [standard, shared, huge] = dialplan.children
  const [local, echo, asks] = standard.children
  const checked = (context, mode, remarks, undecidable = []) => ({
    name: nameOf(context),
    mode,
    extensions: context.children.length,
    remarks,
    undecidable,
  })
  const why = 'the result of the API command module_exists(mod_enum) is known to the switch only'
  const unreachable = 'no call comes here, because the extension route_1 takes them all'
  const rest = huge.children.slice(100, 160)
  return {
    contexts: [
      checked(
        standard,
        'checked',
        [
          remark('notice', echo, 'data', HOSTILE.slice(0, 8).join(' ')),
          remark(
            'warning',
            local,
            'application',
            'no module of FreeSWITCH has an application brigde',
          ),
          remark('error', local, 'expression', 'the group is not closed, at byte 5', 5),
        ],
        [remark('notice', asks, 'field', why)],
      ),
      checked(shared, 'evaluated', [
        remark('error', shared.children[0], 'data', `there is no context ${HOSTILE[8]}`),
      ]),
      checked(
        huge,
        'whole',
        rest.map((extension) => remark('warning', extension, '', unreachable)),
      ),
    ],
    agreement: { default: { agreed: 1_204, disagreed: 1, unseen: 3 } },
    disagreements: [
      { context: 'default', uuid: 'uuid-1001', place: 2, expected: 'log', executed: 'playback' },
    ],
  }
}

const problem = (status, title, detail) => ({
  status,
  body: { type: 'about:blank', title, status, detail },
})
const ok = (body) => ({ status: 200, body })

const sections = () =>
  root.children.map((element) => ({
    id: element.id,
    tag: element.tag,
    name: nameOf(element),
    description: element.attributes.description ?? null,
    enabled: true,
    children: element.children.length,
  }))

/** A revision that did a little of everything, to elements that are there and to one that is gone. */
function revision(id) {
  const param = [...nodes.values()].find(
    ({ tag, attributes }) => tag === 'param' && attributes.name === 'password',
  )
  const user = [...nodes.values()].find(({ tag }) => tag === 'user')
  const profile = [...nodes.values()].find(({ tag }) => tag === 'profile')
  const state = (element, more = {}) => ({
    id: element.id,
    tag: element.tag,
    name: nameOf(element),
    enabled: true,
    text: null,
    ...more,
    attributes: { ...element.attributes, ...more.attributes },
  })
  const step = (op, element, address, before, after) => ({
    op,
    node: element.id,
    address,
    before: before && state(element, before),
    after: after && state(element, after),
  })
  const secret = (value) => ({ attributes: { value } })
  const number = (value) => ({ attributes: { 'number-alias': value } })
  return {
    id,
    at: '2026-11-23T01:02:03.000Z',
    actor: HOSTILE[1],
    origin: 'rest',
    summary: `PUT configuration/sofia.conf/profiles/internal ${HOSTILE[0]}`,
    steps: [
      step(
        'update',
        param,
        'configuration/sofia.conf/profiles/internal/gateways/provider/params/password',
        secret('old-secret'),
        secret('new-secret'),
      ),
      step(
        'update',
        user,
        'directory/domains/example.com/users/1000',
        number('77'),
        number(HOSTILE[8]),
      ),
      step('insert', profile, 'configuration/sofia.conf/profiles/internal', null, {}),
      step('enable', profile, null, { enabled: true }, { enabled: false }),
      step('delete', { ...user, id: 7_777_777 }, null, {}, null),
    ],
    total_steps: 9,
    effects: revisionEffects(id),
  }
}

function ofNode(element, what, params) {
  if (!element) return problem(404, 'Not found', 'There is no such node.')
  if (what === undefined) return ok({ node: shallow(element), path: pathOf(element) })
  if (what === 'subtree') {
    if (size(element) > MAX_SUBTREE) {
      return problem(422, 'Too large', `The subtree has more than ${MAX_SUBTREE} nodes.`)
    }
    return ok({ node: deep(element) })
  }
  const q = contains(params.get('q') ?? '')
  const matching = element.children.filter(
    (child) => q(child.tag) || Object.values(child.attributes).some(q),
  )
  return ok(page(matching.map(shallow), params))
}

function ofInstance(instance, rest, params) {
  const empty = instance === 'empty'
  if (!['default', 'empty'].includes(instance))
    return problem(404, 'Not found', 'There is no such instance.')
  if (rest[0] === 'tree') return ok({ revision: 12, sections: empty ? [] : sections() })
  if (rest[0] === 'dialplan:check') {
    return ok(empty ? { contexts: [], agreement: {}, disagreements: [] } : dialplanCheck())
  }
  if (rest[0] === 'users') {
    const q = contains(params.get('q') ?? '')
    const matching = empty
      ? []
      : users.filter((row) => q(row.user) || q(row.domain) || q(row.group))
    return ok(page(matching, params))
  }
  if (rest[0] === 'revisions' && !empty && Number(rest[1]) <= 12)
    return ok(revision(Number(rest[1])))
  if (rest[0] === 'nodes' && !empty) return ofNode(findNode(Number(rest[1])), rest[2], params)
  return problem(404, 'Not found', 'There is no such node.')
}

/** The API for somebody who is signed in. `parts` are those of the path below /api/v2. */
export function answer(parts, params) {
  if (parts[0] === 'status') {
    const snapshot = { revision: 12, users: users.length, saved_at: '2026-11-23T01:02:03Z' }
    return ok({ version: '0.1.0', database: 'up', snapshot })
  }
  if (parts[0] === 'instances' && parts.length === 1) {
    return ok({
      items: [
        { id: 1, name: 'default', description: '', default: true },
        { id: 2, name: 'empty', description: 'Nothing imported', default: false },
      ],
    })
  }
  if (parts[0] === 'instances') return ofInstance(parts[1], parts.slice(2), params)
  return problem(404, 'Not found', 'There is no such path.')
}
