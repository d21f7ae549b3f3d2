import type { EffectState, Phase } from '../../api/types'
import type { Tone } from '../../ui/tone'

const of =
  (words: Record<string, Tone>, otherwise: Tone) =>
  (word: string | null): Tone =>
    words[word ?? ''] ?? otherwise

export const phaseTone: Record<Phase, Tone> = {
  live: 'good',
  reading: 'plain',
  connecting: 'warn',
  away: 'bad',
}

export const effectTone: Record<EffectState, Tone> = {
  done: 'good',
  failed: 'bad',
  unknown: 'warn',
  offered: 'warn',
  accepted: 'plain',
  dismissed: 'plain',
  restart: 'warn',
}

// FreeSWITCH's words.
export const callTone = of({ ACTIVE: 'good', HELD: 'warn', UNHELD: 'good' }, 'plain')
export const profileTone = of({ RUNNING: 'good' }, 'bad')
export const gatewayTone = of(
  {
    REGED: 'good',
    NOREG: 'plain',
    TRYING: 'plain',
    REGISTER: 'plain',
    UNREGED: 'warn',
    UNREGISTER: 'warn',
  },
  'bad',
)
export const agentTone = of(
  {
    Available: 'good',
    'Available (On Demand)': 'good',
    'On Break': 'warn',
  },
  'plain',
)
/** By the number of a level of the log. */
export const logTone = (level: number): Tone =>
  level >= 1 && level <= 3 ? 'bad' : level === 4 ? 'warn' : 'plain'
export const memberTone = of({ Answered: 'good', Waiting: 'warn', Trying: 'warn' }, 'plain')
