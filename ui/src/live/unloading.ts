import type { Channel, LiveKind, LiveTables } from '../api/types'

/** What ends with a module, as far as it can be seen. */
export interface Lost {
  channels: number
  registrations: number
}

/** What cannot be taken back from here, or takes more with it than it seems. */
export type Warning = 'socket' | 'commands' | 'xmlCurl' | 'dialplan'

type Counted = Extract<LiveKind, 'channels' | 'registrations' | 'members' | 'conference_members'>
export type CountedRows = Partial<{ [K in Counted]: ReadonlyMap<string, LiveTables[K]> }>

/** Endpoints, by how the names of their channels begin. */
const ENDPOINTS: Record<string, string> = {
  mod_sofia: 'sofia/',
  mod_verto: 'verto.rtc/',
  mod_loopback: 'loopback/',
  mod_rtmp: 'rtmp/',
  mod_skinny: 'SKINNY/',
  mod_rtc: 'rtc/',
  mod_portaudio: 'portaudio/',
  mod_alsa: 'alsa/',
  mod_dingaling: 'dingaling/',
  mod_freetdm: 'FreeTDM/',
}
const MEMBERS: Record<string, Counted> = {
  mod_callcenter: 'members',
  mod_conference: 'conference_members',
}
const REGISTRAR = 'mod_sofia'
const WARNINGS: Record<string, Warning> = {
  mod_event_socket: 'socket',
  mod_commands: 'commands',
  mod_xml_curl: 'xmlCurl',
  mod_dialplan_xml: 'dialplan',
  mod_dptools: 'dialplan',
}

/** What has to be known to say what ends with a module. */
export function countedFor(module: string): readonly Counted[] {
  if (module === REGISTRAR) return ['channels', 'registrations']
  const members = MEMBERS[module]
  if (members) return [members]
  return module in ENDPOINTS ? ['channels'] : []
}

/** null: of this module nobody knows what uses it. */
export function lostWith(module: string, rows: CountedRows): Lost | null {
  const members = MEMBERS[module]
  if (members) return { channels: rows[members]?.size ?? 0, registrations: 0 }
  const start = ENDPOINTS[module]
  if (start === undefined) return null
  const through = ({ name }: Channel) => name?.startsWith(start) ?? false
  return {
    channels: [...(rows.channels?.values() ?? [])].filter(through).length,
    registrations: module === REGISTRAR ? (rows.registrations?.size ?? 0) : 0,
  }
}

export const warningOf = (module: string): Warning | null => WARNINGS[module] ?? null

/** The name of a module as typed; `mod_` may be left out. */
export function moduleName(typed: string): string {
  const text = typed.trim().replace(/\.so$/, '')
  return text === '' || text.startsWith('mod_') ? text : `mod_${text}`
}
