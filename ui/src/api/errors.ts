import { type MessageKey, t } from '../i18n'
import { ApiError, AwayError } from './client'

/** An error as a person reads it. */
export interface Explanation {
  happened: string
  remedy: string
  /** For whoever mends it; shown on demand. */
  details: string
}

function say(happened: MessageKey, remedy: MessageKey, details: string): Explanation {
  return { happened: t(happened), remedy: t(remedy), details }
}

function tooMany(error: ApiError, details: string): Explanation {
  const seconds = error.retryAfter
  return {
    happened: t('error.tooMany'),
    remedy: seconds === null ? t('error.tooManyLater') : t('error.tooManyHint', { n: seconds }),
    details,
  }
}

function explainAnswer(error: ApiError): Explanation {
  const { title, detail } = error.problem
  const details = [error.request, `HTTP ${error.status}`, title, detail].filter(Boolean).join('\n')
  if (error.status === 401) return say('error.signedOut', 'error.signedOutHint', details)
  if (error.status === 403) return say('error.forbidden', 'error.forbiddenHint', details)
  if (error.status === 404) return say('error.missing', 'error.missingHint', details)
  if (error.status === 429) return tooMany(error, details)
  const said =
    error.status >= 500
      ? say('error.server', 'error.serverHint', details)
      : say('error.refused', 'error.refusedHint', details)
  return { ...said, happened: detail ?? title ?? said.happened }
}

/** The one place where an error becomes text. */
export function explain(error: unknown): Explanation {
  if (error instanceof ApiError) return explainAnswer(error)
  if (error instanceof AwayError) {
    return say('error.away', 'error.awayHint', `${error.request}\n${error.message}`)
  }
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return say('error.program', 'error.programHint', details)
}

/** At the sign-in page 401 is about what was typed. */
export function explainSignIn(error: unknown): string {
  if (error instanceof ApiError && error.status === 401) return t('signIn.wrong')
  const { happened, remedy } = explain(error)
  return `${happened} ${remedy}`
}

export function isMissing(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404
}

export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401
}

/** The server says 422 for a subtree that is too large to send whole. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof ApiError && error.status === 422
}
