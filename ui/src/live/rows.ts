import type { LiveKind } from '../api/types'

export type Rows = Map<string, unknown>

/** What lives in a switch, as it was after the change numbered `seq`. */
export interface LiveState {
  seq: number
  rows: ReadonlyMap<LiveKind, Rows>
}

export interface Change {
  kind: string
  key: string
  /** The whole row; null: it is gone. Missing where `set` says what of it is otherwise. */
  row?: unknown
  /** Members that may be otherwise. */
  set?: Record<string, unknown>
}

/** What changed between two numbers. */
export interface Delta {
  after: number
  seq: number
  changes: Change[]
}

export function stateOf(seq: number, tables: Record<string, Record<string, unknown>>): LiveState {
  const rows = Object.entries(tables).map(
    ([kind, table]) => [kind as LiveKind, new Map(Object.entries(table))] as const,
  )
  return { seq, rows: new Map(rows) }
}

/**
 * The state after some changes. Those that it has already are left out, and so are kinds that nobody asked for. null:
 * something between was missed, and everything has to be read again.
 */
export function applied(state: LiveState, deltas: readonly Delta[]): LiveState | null {
  let { seq } = state
  const rows = new Map(state.rows)
  const copied = new Set<LiveKind>()
  for (const delta of deltas) {
    if (delta.seq <= seq) continue
    if (delta.after > seq) return null
    seq = delta.seq
    for (const { kind: name, key, row, set } of delta.changes) {
      const kind = name as LiveKind
      const before = rows.get(kind)
      if (before === undefined) continue
      const table = copied.has(kind) ? before : new Map(before)
      copied.add(kind)
      if (set !== undefined) {
        const known = table.get(key)
        if (known === undefined) return null
        table.set(key, { ...(known as object), ...set })
      } else if (row === null) table.delete(key)
      else table.set(key, row)
      rows.set(kind, table)
    }
  }
  return seq === state.seq ? state : { seq, rows }
}
