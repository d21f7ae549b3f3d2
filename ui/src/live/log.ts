import { AwayError } from '../api/client'
import type { LogLine } from '../api/types'
import { EventReader, type ServerEvent } from './event-stream'
import { type LogLevel, USUAL_LEVEL } from './log-lines'

/** A row of the log: a line, or what is to be known about the lines that are not there. */
export type LogEntry =
  | { id: number; kind: 'line'; line: LogLine }
  /** The server left lines out: they came faster than they were read. */
  | { id: number; kind: 'dropped'; count: number }
  /** Nobody listened between two times. */
  | { id: number; kind: 'gap'; from: number; to: number }
  | { id: number; kind: 'level'; level: LogLevel }

export type LogState =
  | { phase: 'idle' | 'connecting' | 'open' }
  /** The server said why. */
  | { phase: 'ended'; at: number; reason: string }
  | { phase: 'failed'; at: number; error: unknown }

export interface LogView {
  state: LogState
  entries: readonly LogEntry[]
}

/** So many rows are kept. */
export const MOST = 5_000
/** Lines that come close together are shown together. */
const TOGETHER_MS = 100
/** The server says something every 15 s, be it nothing; after so long it is not there. */
const SILENCE_MS = 45_000
/** Asking for another level takes a moment, in which lines may be missed; that is not worth a row of its own. */
const BLINK_MS = 1_000
/** For the details of an error. */
const REQUEST = 'GET log'

/** Opens the log at a level. */
export type OpenLog = (level: LogLevel, signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

/** The last lines of a switch's log, for as long as somebody looks at the switch. */
export class Log {
  private view: LogView = { state: { phase: 'idle' }, entries: [] }
  private readonly listeners = new Set<() => void>()
  private waiting: LogEntry[] = []
  private flushing: ReturnType<typeof setTimeout> | undefined
  private silence: ReturnType<typeof setTimeout> | undefined
  private running: AbortController | null = null
  private wanted: LogLevel = USUAL_LEVEL
  private shown: LogLevel | null = null
  private heard: number | null = null
  private ids = 0

  constructor(private readonly connect: OpenLog) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  readonly read = (): LogView => this.view

  /** The one that was followed last. */
  get level(): LogLevel {
    return this.wanted
  }

  /** Follows the log at a level, anew. What is called ends it; the rows stay. */
  follow(level: LogLevel): () => void {
    this.wanted = level
    this.start()
    return () => this.stop({ phase: 'idle' })
  }

  /** Follows it again after it ended. */
  again(): void {
    this.start()
  }

  clear(): void {
    this.waiting = []
    this.set({ ...this.view, entries: [] })
  }

  private start(): void {
    this.stop({ phase: 'connecting' })
    const running = new AbortController()
    this.running = running
    void this.run(running).catch((error: unknown) => {
      if (this.running === running) this.stop({ phase: 'failed', at: Date.now(), error })
    })
  }

  private stop(state: LogState): void {
    if (this.view.state.phase === 'open') this.heard = Date.now()
    this.running?.abort()
    this.running = null
    clearTimeout(this.silence)
    this.flush()
    this.set({ ...this.view, state })
  }

  private async run(running: AbortController): Promise<void> {
    const level = this.wanted
    const body = await this.connect(level, running.signal)
    if (this.running !== running) return
    this.opened(level)
    const reader = new EventReader()
    const decoder = new TextDecoder()
    const bytes = body.getReader()
    while (true) {
      this.listen(running)
      const { value, done } = await bytes.read().catch((cause: unknown) => {
        throw new AwayError(REQUEST, cause)
      })
      if (this.running !== running) return
      if (done) throw new AwayError(REQUEST, 'it ended without saying why')
      for (const event of reader.read(decoder.decode(value, { stream: true }))) this.take(event)
      if (this.running !== running) return
    }
  }

  private opened(level: LogLevel): void {
    if (this.view.entries.length > 0) {
      const to = Date.now()
      const other = this.shown !== level
      if (this.heard !== null && (!other || to - this.heard > BLINK_MS)) {
        this.add({ kind: 'gap', from: this.heard, to })
      }
      if (other) this.add({ kind: 'level', level })
    }
    this.shown = level
    this.set({ ...this.view, state: { phase: 'open' } })
  }

  private listen(running: AbortController): void {
    clearTimeout(this.silence)
    this.silence = setTimeout(() => {
      if (this.running !== running) return
      const error = new AwayError(REQUEST, `nothing came for ${SILENCE_MS / 1000} s`)
      this.stop({ phase: 'failed', at: Date.now(), error })
    }, SILENCE_MS)
  }

  private take({ name, data }: ServerEvent): void {
    if (name === 'line') this.add({ kind: 'line', line: JSON.parse(data) as LogLine })
    else if (name === 'dropped') {
      this.add({ kind: 'dropped', count: (JSON.parse(data) as { count: number }).count })
    } else if (name === 'end') {
      const { reason } = JSON.parse(data) as { reason: string }
      this.stop({ phase: 'ended', at: Date.now(), reason })
    }
  }

  private add(entry: Without<LogEntry, 'id'>): void {
    this.ids += 1
    this.waiting.push({ id: this.ids, ...entry } as LogEntry)
    // While the page is not looked at timers hardly run; what is not kept anyway is not piled up.
    if (this.waiting.length > 2 * MOST) this.waiting = this.waiting.slice(-MOST)
    this.flushing ??= setTimeout(() => this.flush(), TOGETHER_MS)
  }

  private flush(): void {
    clearTimeout(this.flushing)
    this.flushing = undefined
    if (this.waiting.length === 0) return
    const entries = [...this.view.entries, ...this.waiting].slice(-MOST)
    this.waiting = []
    this.set({ ...this.view, entries })
  }

  private set(view: LogView): void {
    this.view = view
    for (const listener of this.listeners) listener()
  }
}
