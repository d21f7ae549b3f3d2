/** What was typed before, and where one is in it. */
export interface Typed {
  /** The newest first. */
  lines: readonly string[]
  /** -1: what is being typed. */
  at: number
  /** What was being typed when one went up. */
  draft: string
}

/** Goes to an older (1) or a newer (-1) line; what is being typed comes after the newest. */
export function moved(typed: Typed, by: 1 | -1, text: string): { typed: Typed; text: string } {
  const at = Math.max(-1, Math.min(typed.at + by, typed.lines.length - 1))
  if (at === typed.at) return { typed, text }
  const draft = typed.at === -1 ? text : typed.draft
  return { typed: { ...typed, at, draft }, text: at === -1 ? draft : (typed.lines[at] ?? '') }
}

/** FreeSWITCH says that something is wrong at the beginning of what it prints. */
export const isFailure = (text: string): boolean => /^\s*-(ERR|USAGE)/.test(text)
