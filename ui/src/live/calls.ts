import type { Channel } from '../api/types'

/** Channels that belong together. */
export interface Call {
  /** The smallest of the names that the legs have for it: stays the same while they do. */
  id: string
  /** The oldest first. */
  legs: [Channel, ...Channel[]]
}

/** Who is at the other end of a leg: whoever called us, or whoever was called. */
export function party({ direction, ...leg }: Channel): {
  name: string | null
  number: string | null
} {
  if (direction !== 'outbound') return { name: leg.cid_name, number: leg.cid_num }
  return { name: leg.callee_name, number: leg.callee_num || leg.dest }
}

/** What is dialled to ring a telephone: a word alone is an extension. */
export function endpoint(typed: string): string {
  const text = typed.trim()
  return text === '' || text.includes('/') ? text : `user/${text}`
}

const callOf = ({ uuid, call_uuid }: Channel) => call_uuid ?? uuid

/** Joins channels to calls, as the server does: by the call that they name, and by the other leg if it is still there. */
export function joined(channels: ReadonlyMap<string, Channel>): Call[] {
  const up = new Map<string, string>()
  const rootOf = (name: string): string => {
    let at = name
    for (let next = up.get(at); next !== undefined && next !== at; next = up.get(at)) at = next
    return at
  }
  const join = (one: string, other: string) => {
    const [a, b] = [rootOf(one), rootOf(other)]
    up.set(a > b ? a : b, a > b ? b : a)
  }
  for (const channel of channels.values()) {
    join(callOf(channel), callOf(channel))
    const other = channel.other_leg === null ? undefined : channels.get(channel.other_leg)
    if (other) join(callOf(channel), callOf(other))
  }
  const calls = new Map<string, Call>()
  for (const channel of channels.values()) {
    const id = rootOf(callOf(channel))
    const call = calls.get(id)
    if (call) call.legs.push(channel)
    else calls.set(id, { id, legs: [channel] })
  }
  const began = (leg: Channel) => leg.created_s ?? Number.POSITIVE_INFINITY
  for (const { legs } of calls.values()) {
    // Within a second the one that began the call is the first.
    legs.sort(
      (a, b) =>
        compare(began(a), began(b)) || Number(a.uuid !== callOf(a)) - Number(b.uuid !== callOf(b)),
    )
  }
  return [...calls.values()].sort(
    (a, b) => compare(began(a.legs[0]), began(b.legs[0])) || compare(a.id, b.id),
  )
}

const compare = <T extends string | number>(a: T, b: T) => (a < b ? -1 : a > b ? 1 : 0)

const two = (n: number) => String(n).padStart(2, '0')

/** `4:05`, `1:04:05`. A clock that is behind ours makes nothing negative. */
export function duration(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000))
  const [hours, minutes, seconds] = [Math.floor(s / 3600), Math.floor(s / 60) % 60, s % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`
}

/** How long something lasts that began by the switch's clock. */
export function lasting(began: number | null, now: number, offset: number | null): string | null {
  return began === null ? null : duration(now - began * 1000 - (offset ?? 0))
}

/** Whether any of the words contains what was typed, whatever the case. */
export function contains(q: string, words: readonly (string | null)[]): boolean {
  const wanted = q.toLowerCase()
  return words.some((word) => word?.toLowerCase().includes(wanted))
}
