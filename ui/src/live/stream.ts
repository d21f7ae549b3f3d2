import type { LiveKind, Switch } from '../api/types'
import { applied, type Delta, type LiveState, type Rows, stateOf } from './rows'

/** What of a WebSocket is needed. */
export interface Socket {
  send(text: string): void
  close(): void
  onopen: (() => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  onclose: (() => void) | null
}

/**
 * `refused`: the server knows nobody on this connection. The session is in a cookie that scripts cannot read, and a server
 * that does not look at it when a WebSocket is opened wants it in each message. What is followed has to be asked for then.
 */
export type StreamStatus = 'connecting' | 'open' | 'away' | 'refused'

/** What is known of a switch by the stream. */
export interface View {
  status: StreamStatus
  /** null: not read yet. */
  rows: ReadonlyMap<LiveKind, Rows> | null
}

interface Follow {
  wanted: Map<LiveKind, number>
  listeners: Set<() => void>
  state: LiveState | null
  /** The request that is not answered yet. */
  asked: string | null
  /** What was pushed and is not in the state yet. */
  queue: Delta[]
  view: View
}

interface Message {
  MessageType?: string
  no_token?: boolean
  request_id?: string
  error?: string
  switch?: string
  seq?: number
  after?: number
  rows?: Record<string, Record<string, unknown>>
  changes?: Delta['changes']
  resync?: boolean
  state?: Switch
}

export interface Told {
  /** How a switch is. */
  onState?: (view: Switch) => void
  /** A switch was told something because of a change. */
  onEffects?: () => void
}

const LIVE = '[Live]'
const EFFECTS = '[Effects]'
/** Changes that come close together are shown together. */
const TOGETHER_MS = 100
/** Something between may take a connection and never let it through. */
const OPEN_MS = 5_000
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 30_000
/** Going from page to page does not end the connection. */
const LINGER_MS = 10_000

/** One connection for everything that is followed: the rows of switches by kind, kept up to date by what is pushed. */
export class Stream {
  private socket: Socket | null = null
  private status: StreamStatus = 'connecting'
  private readonly follows = new Map<string, Follow>()
  private readonly told = new Set<Told>()
  private failures = 0
  private requests = 0
  private retry: ReturnType<typeof setTimeout> | undefined
  private linger: ReturnType<typeof setTimeout> | undefined
  private opening: ReturnType<typeof setTimeout> | undefined
  private flushing: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly connect: () => Socket) {}

  /** Follows kinds of a switch until what it gives is called. */
  follow(name: string, kinds: readonly LiveKind[], listener: () => void): () => void {
    clearTimeout(this.linger)
    const follow = this.follows.get(name) ?? this.begin(name)
    follow.listeners.add(listener)
    for (const kind of kinds) follow.wanted.set(kind, (follow.wanted.get(kind) ?? 0) + 1)
    const known = follow.state?.rows
    if (this.socket === null && this.retry === undefined && this.status !== 'refused') this.open()
    else if (this.status === 'open' && kinds.some((kind) => !known?.has(kind)))
      this.ask(name, follow)
    return () => {
      follow.listeners.delete(listener)
      for (const kind of kinds) {
        const left = (follow.wanted.get(kind) ?? 1) - 1
        if (left > 0) follow.wanted.set(kind, left)
        else follow.wanted.delete(kind)
      }
      if ([...this.follows.values()].every(({ listeners }) => listeners.size === 0)) {
        clearTimeout(this.linger)
        this.linger = setTimeout(() => this.end(), LINGER_MS)
      }
    }
  }

  view(name: string): View {
    return this.follows.get(name)?.view ?? NOTHING
  }

  listen(told: Told): () => void {
    this.told.add(told)
    return () => void this.told.delete(told)
  }

  private begin(name: string): Follow {
    const follow: Follow = {
      wanted: new Map(),
      listeners: new Set(),
      state: null,
      asked: null,
      queue: [],
      view: { status: this.status, rows: null },
    }
    this.follows.set(name, follow)
    return follow
  }

  private end(): void {
    clearTimeout(this.retry)
    clearTimeout(this.opening)
    clearTimeout(this.flushing)
    this.retry = this.flushing = undefined
    this.follows.clear()
    const { socket } = this
    this.socket = null
    this.status = 'connecting'
    socket?.close()
  }

  private open(): void {
    clearTimeout(this.retry)
    this.retry = undefined
    const socket = this.connect()
    this.socket = socket
    const ours = () => this.socket === socket
    this.opening = setTimeout(() => this.lost(), OPEN_MS)
    socket.onopen = () => {
      if (!ours()) return
      clearTimeout(this.opening)
      this.become('open')
      for (const [name, follow] of this.follows) this.ask(name, follow)
      this.send(EFFECTS, {})
    }
    socket.onmessage = ({ data }) => {
      if (ours() && typeof data === 'string') this.hear(data)
    }
    socket.onclose = () => {
      if (ours()) this.lost()
    }
  }

  private lost(): void {
    clearTimeout(this.opening)
    const { socket } = this
    this.socket = null
    socket?.close()
    for (const follow of this.follows.values()) {
      follow.asked = null
      follow.queue = []
    }
    this.become('away')
    const wait = Math.min(FIRST_WAIT_MS * 2 ** this.failures, LONGEST_WAIT_MS)
    this.failures += 1
    // Not all pages at once, when the server is back.
    this.retry = setTimeout(() => this.open(), wait * (0.75 + Math.random() / 2))
  }

  private become(status: StreamStatus): void {
    this.status = status
    for (const follow of this.follows.values()) this.show(follow)
  }

  private show(follow: Follow): void {
    const rows = follow.state?.rows ?? null
    if (follow.view.status === this.status && follow.view.rows === rows) return
    follow.view = { status: this.status, rows }
    for (const listener of follow.listeners) listener()
  }

  private send(event: string, data: Record<string, unknown>): string {
    this.requests += 1
    const id = `r${this.requests}`
    this.socket?.send(JSON.stringify({ event, id, data: { ...data, keep_subscription: true } }))
    return id
  }

  /** Reads everything that is followed of a switch. */
  private ask(name: string, follow: Follow): void {
    if (follow.listeners.size === 0) return
    follow.asked = this.send(LIVE, { switch: name, kinds: [...follow.wanted.keys()] })
  }

  private hear(text: string): void {
    let message: Message
    try {
      message = JSON.parse(text)
    } catch {
      return
    }
    if (message.MessageType === 'no_access' || message.no_token) this.refused()
    // Asking says what is in the way.
    else if (this.isFailure(message)) this.lost()
    else if (message.MessageType === EFFECTS) {
      if (message.request_id === undefined) for (const one of this.told) one.onEffects?.()
    } else if (message.MessageType === LIVE) this.hearLive(message)
  }

  private refused(): void {
    const { socket } = this
    this.socket = null
    this.become('refused')
    socket?.close()
  }

  /** Whether it answers what was asked, and has no rows: the database is away, or there is no such switch. */
  private isFailure({ request_id, rows }: Message): boolean {
    if (request_id === undefined || rows !== undefined) return false
    return [...this.follows.values()].some(({ asked }) => asked === request_id)
  }

  private hearLive(message: Message): void {
    if (message.request_id !== undefined) {
      this.answered(message)
      return
    }
    if (message.state) for (const one of this.told) one.onState?.(message.state)
    if (message.resync) {
      for (const [name, follow] of this.follows) {
        if (message.switch === undefined || message.switch === name) this.ask(name, follow)
      }
      return
    }
    const { switch: name, after, seq, changes } = message
    if (name === undefined || after === undefined || seq === undefined || !changes) return
    const follow = this.follows.get(name)
    if (!follow) return
    follow.queue.push({ after, seq, changes })
    this.flushing ??= setTimeout(() => this.flush(), TOGETHER_MS)
  }

  private answered({ request_id, seq, rows }: Message): void {
    const found = [...this.follows].find(([, { asked }]) => asked === request_id)
    if (!found || seq === undefined || !rows) return
    const [name, follow] = found
    this.failures = 0
    follow.asked = null
    follow.state = stateOf(seq, rows)
    this.take(name, follow)
  }

  private flush(): void {
    this.flushing = undefined
    for (const [name, follow] of this.follows) this.take(name, follow)
  }

  /** Takes what was pushed into the state, unless that is being read. */
  private take(name: string, follow: Follow): void {
    if (follow.asked !== null || follow.state === null) return
    const state = applied(follow.state, follow.queue)
    if (state === null) {
      this.ask(name, follow)
      return
    }
    follow.queue = []
    follow.state = state
    this.show(follow)
  }
}

const NOTHING: View = { status: 'connecting', rows: null }
