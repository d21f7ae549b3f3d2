import { expect, test } from 'vitest'
import { ApiError, AwayError } from './client'
import { explain, explainSignIn } from './errors'

const answer = (status: number, detail?: string, retryAfter: number | null = null) =>
  new ApiError(status, detail === undefined ? {} : { detail }, retryAfter, 'GET /api/v2/status')

test.each([
  [new AwayError('GET /x', new TypeError('Failed to fetch')), 'The server did not answer.'],
  [answer(401), 'You are signed out.'],
  [answer(403), 'Your account may not do this.'],
  [answer(404), 'It is not there: deleted, or imported anew.'],
  [answer(422, 'The filter is too long.'), 'The filter is too long.'],
  [answer(500), 'The server failed to answer.'],
  [answer(503, 'The database is away.'), 'The database is away.'],
  [new TypeError('x is undefined'), 'This page made a mistake.'],
])('%s', (error, happened) => {
  expect(explain(error).happened).toBe(happened)
})

test('429 says when to try again', () => {
  expect(explain(answer(429, 'slow down', 30)).remedy).toBe('Try again in 30 seconds.')
  expect(explain(answer(429, 'slow down')).remedy).toBe('Try again in a minute.')
})

test('details name the request and the status, and no more than once', () => {
  expect(explain(answer(503, 'away')).details).toBe('GET /api/v2/status\nHTTP 503\naway')
})

test('401 at sign-in is about the password', () => {
  expect(explainSignIn(answer(401))).toBe('Login or password is wrong.')
  expect(explainSignIn(answer(429, 'x', 1))).toBe('Too many tries. Try again in 1 second.')
})
