import { afterEach, expect, test, vi } from 'vitest'
import { ApiError, AwayError, follow, get, remove } from './client'

const answer = (response: () => Response) => vi.stubGlobal('fetch', async () => response())

afterEach(() => vi.unstubAllGlobals())

test('a problem keeps its words, its status and when to try again', async () => {
  const body = { type: 'about:blank', title: 'Too many', status: 429, detail: 'Slow down.' }
  const headers = { 'retry-after': '12' }
  answer(() => new Response(JSON.stringify(body), { status: 429, headers }))
  const error = await get('/x').catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(ApiError)
  expect(error).toMatchObject({ status: 429, retryAfter: 12, problem: body, request: 'GET /x' })
})

test('an answer without a body is a problem too', async () => {
  answer(() => new Response('<html>Bad gateway', { status: 502 }))
  await expect(get('/x')).rejects.toMatchObject({ status: 502, problem: {}, retryAfter: null })
})

test('no answer, or one that is no JSON, means that the server is away', async () => {
  vi.stubGlobal('fetch', async () => {
    throw new TypeError('Failed to fetch')
  })
  await expect(get('/x')).rejects.toBeInstanceOf(AwayError)
  answer(() => new Response('<html>', { status: 200 }))
  await expect(get('/x')).rejects.toBeInstanceOf(AwayError)
})

test('204 has nothing to read', async () => {
  answer(() => new Response(null, { status: 204 }))
  await expect(remove('/x')).resolves.toBeUndefined()
})

test('what goes on is followed; a page of something between is no log', async () => {
  const { signal } = new AbortController()
  const headers = { 'content-type': 'text/event-stream' }
  answer(() => new Response('data: 1\n\n', { headers }))
  await expect(new Response(await follow('/x', signal)).text()).resolves.toBe('data: 1\n\n')
  answer(() => new Response('<html>', { headers: { 'content-type': 'text/html' } }))
  await expect(follow('/x', signal)).rejects.toBeInstanceOf(AwayError)
  answer(() => new Response('{"detail": "16 are watched"}', { status: 503 }))
  await expect(follow('/x', signal)).rejects.toMatchObject({ message: '16 are watched' })
})
