/** The shapes of /api/v2 as they travel. Nothing else in the UI declares a wire type. */

export interface User {
  id: number
  login: string
  role: string
}

export interface Session {
  user: User
}

export interface Status {
  version: string
  database: 'up' | 'down'
  snapshot: { revision: number; users: number; saved_at: string | null }
}

export interface Instance {
  id: number
  name: string
  description: string
  default: boolean
}

/** A child of the root: `section`, or `variables` for the global variables (its name is null). */
export interface Section {
  id: number
  tag: string
  name: string | null
  description: string | null
  enabled: boolean
  children: number
}

export interface Tree {
  revision: number
  sections: Section[]
}

export type Attribute = [name: string, value: string]

interface Element {
  id: number
  tag: string
  name: string | null
  attributes: Attribute[]
  text: string | null
  enabled: boolean
  position: number
}

/** An element with the number of its children. */
export interface Node extends Element {
  children: number
}

/** An element with its children. */
export interface DeepNode extends Element {
  children: DeepNode[]
}

export interface PathStep {
  id: number
  tag: string
  name: string | null
}

export interface NodeWithPath {
  node: Node
  path: PathStep[]
}

export interface Subtree {
  node: DeepNode
}

export interface DirectoryUser {
  id: number
  user: string
  domain: string
  domain_id: number
  group: string | null
  number_alias: string | null
  cidr: string | null
  enabled: boolean
}

export type Severity = 'error' | 'warning' | 'notice'

export interface DialplanRemark {
  severity: Severity
  extension: string
  /** The element it is about; 0 when the server cannot tell. */
  node: number
  /** Empty: the element itself. */
  attribute: string
  /** Where in the attribute, in bytes. */
  position: number | null
  message: string
}

export interface CheckedContext {
  name: string
  mode: 'whole' | 'evaluated' | 'checked'
  extensions: number
  remarks: DialplanRemark[]
  /** What only the switch can decide. */
  undecidable: DialplanRemark[]
}

export interface DialplanCheck {
  contexts: CheckedContext[]
  /** By context: how often the switch did what the evaluation came to. */
  agreement: Record<string, { agreed: number; disagreed: number; unseen: number }>
  /** The last ones, oldest first. */
  disagreements: {
    context: string
    uuid: string
    place: number
    expected: string | null
    executed: string
  }[]
}

/** One page of a list. `next` is the cursor of the page that follows, null on the last one. */
export interface Page<T> {
  items: T[]
  total: number
  next: string | null
}

export interface Items<T> {
  items: T[]
}

/** RFC 9457. */
export interface Problem {
  type?: string
  title?: string
  status?: number
  detail?: string
}

/** What a driven switch is doing: `away` says that nothing is heard of it. */
export type Phase = 'connecting' | 'reading' | 'live' | 'away'

/** What a switch says of itself. */
export interface Host {
  hostname: string | null
  switchname: string | null
  version: string | null
  uptime_ms: number | null
  /** Our time minus the switch's. */
  clock_offset_ms: number | null
}

export interface Switch {
  /** How it calls itself. */
  name: string
  /** What it is called in the API. */
  key: string
  /** Whether it is the one of the configuration; that one is changed in the settings. */
  configured: boolean
  instance_id: number | null
  host: string
  port: number
  phase: Phase
  since_ms: number
  stale_since_ms: number | null
  trouble: string | null
  advice: string | null
  failures: number
  /** Parts of its state that could not be read, with the reasons. */
  unread: Record<string, string>
  counts: Record<string, number>
  /** Legs of calls. */
  channels: number
  answered: number
  status: Host | null
}

export interface EventSocket {
  host: string
  port: number
  pass: string
}

export interface Channel {
  uuid: string
  direction: string | null
  /** Seconds since 1970, by the switch's clock. */
  created_s: number | null
  answered_s: number | null
  name: string | null
  callstate: string | null
  cid_name: string | null
  cid_num: string | null
  callee_name: string | null
  callee_num: string | null
  ip_addr: string | null
  dest: string | null
  application: string | null
  application_data: string | null
  context: string | null
  read_codec: string | null
  write_codec: string | null
  presence_id: string | null
  call_uuid: string | null
  other_leg: string | null
}

export interface Registration {
  user: string
  realm: string
  profile: string | null
  contact: string | null
  network_ip: string | null
  network_port: number | null
  network_proto: string | null
  user_agent: string | null
  /** Seconds since 1970. */
  expires: number | null
}

export interface Profile {
  /** The module: sofia or verto. */
  kind: string
  name: string
  state: string | null
  calls: number | null
  uri: string | null
}

export interface Gateway {
  profile: string
  name: string
  uri: string | null
  state: string | null
  status: string | null
  calls_in: number | null
  calls_out: number | null
}

export interface Module {
  name: string
  filename: string | null
}

export interface Queue {
  name: string
  strategy: string | null
  calls_answered: number | null
  calls_abandoned: number | null
  /** Callers that wait. */
  count: number | null
}

export interface Agent {
  name: string
  contact: string | null
  status: string | null
  state: string | null
  calls_answered: number | null
  last_status_change: number | null
}

export interface Tier {
  queue: string
  agent: string
  state: string | null
  level: number | null
  position: number | null
}

export interface Member {
  uuid: string
  queue: string
  cid_number: string | null
  cid_name: string | null
  joined_epoch: number | null
  serving_agent: string | null
  state: string | null
}

export interface Conference {
  name: string
  profile: string | null
  member_count: number | null
  locked: boolean | null
  recording: boolean | null
}

export interface ConferenceMember {
  conference: string
  id: number | null
  uuid: string | null
  cid_name: string | null
  cid_num: string | null
  flags: {
    can_hear: boolean | null
    can_speak: boolean | null
    hold: boolean | null
    talking: boolean | null
    has_floor: boolean | null
    is_moderator: boolean | null
  }
}

/** What lives in a switch, by kind. */
export interface LiveTables {
  channels: Channel
  registrations: Registration
  profiles: Profile
  gateways: Gateway
  modules: Module
  queues: Queue
  agents: Agent
  tiers: Tier
  members: Member
  conferences: Conference
  conference_members: ConferenceMember
}

export type LiveKind = keyof LiveTables

export interface LiveRows {
  seq: number
  stale_since_ms: number | null
  rows: Record<string, unknown>
}

export type EffectState =
  | 'done'
  | 'failed'
  | 'unknown'
  | 'offered'
  | 'accepted'
  | 'dismissed'
  | 'restart'

/** What a change came to on a switch. */
export interface Effect {
  id: number
  revision: number
  switch: string
  command: string
  line: string
  state: EffectState
  reply: string
  at_ms: number
}

/** What would disturb calls, and waits for somebody. */
export interface Offer extends Effect {
  /** Null where it is not known. */
  interrupts: { channels: number | null; registrations: number | null }
}

/** An element as it was before a change, or became by it. */
export interface OldElement {
  tag: string
  name: string | null
  enabled: boolean
  attributes: Record<string, string>
  text: string | null
}

export interface RevisionStep {
  op: 'insert' | 'update' | 'enable' | 'move' | 'delete'
  node: number
  address: string | null
  before: OldElement | null
  after: OldElement | null
}

/** A change of the tree. */
export interface Revision {
  id: number
  at: string | null
  actor: string
  origin: string
  summary: string
  /** The first ones of `total_steps`. */
  steps: RevisionStep[]
  total_steps: number
  effects: Effect[]
}

export interface DoctorCheck {
  what: string
  state: 'good' | 'note' | 'bad'
  found: string
  remedy: string
}

export interface SwitchDoctor {
  checks: DoctorCheck[]
  snippets: Record<string, string>
}

export type ImportPart = 'directory' | 'dialplan' | 'configuration' | 'global_variables'

export interface SwitchImported {
  skipped: string[]
  added: number
  revision: number | null
  report?: string
  /** The directory of the switch's own files, where the server can read them. */
  files: string | null
}

export interface CommandReply {
  reply: string
}

export interface CliPrinted {
  text: string
  cut: boolean
}

export interface LogLine {
  /** 0 (console) to 7 (debug), and above. */
  level: number
  /** The place in FreeSWITCH's source. */
  file: string
  function: string
  line: number
  /** The leg that it is about. */
  uuid: string | null
  /** With its time, and with line breaks where it has them. */
  text: string
}
