import type { Problem } from './types'

/** The server answered, and the answer is not a success. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
    /** Seconds, from Retry-After. */
    readonly retryAfter: number | null,
    readonly request: string,
  ) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`)
    this.name = 'ApiError'
  }
}

/** No answer came: the server is away, or the network is. */
export class AwayError extends Error {
  constructor(
    readonly request: string,
    cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.name = 'AwayError'
  }
}

const TIMEOUT_MS = 30_000

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

async function send(
  method: Method,
  path: string,
  body: unknown,
  signal: AbortSignal | undefined,
  wait: number,
) {
  const timeout = AbortSignal.timeout(wait)
  const init: RequestInit = {
    method,
    credentials: 'same-origin',
    headers: { accept: 'application/json' },
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
  }
  if (body !== undefined) {
    init.headers = { ...init.headers, 'content-type': 'application/json' }
    init.body = JSON.stringify(body)
  }
  try {
    return await fetch(path, init)
  } catch (cause) {
    // A request that its own caller cancelled is no failure.
    if (signal?.aborted) throw cause
    throw new AwayError(`${method} ${path}`, cause)
  }
}

/** Why an answer is none. */
async function failure(response: Response, request: string): Promise<ApiError> {
  return new ApiError(response.status, await problemOf(response), retryAfter(response), request)
}

async function problemOf(response: Response): Promise<Problem> {
  try {
    const body: unknown = await response.json()
    return typeof body === 'object' && body !== null ? body : {}
  } catch {
    return {}
  }
}

function retryAfter(response: Response): number | null {
  const seconds = Number.parseInt(response.headers.get('retry-after') ?? '', 10)
  return Number.isFinite(seconds) ? seconds : null
}

async function call(
  method: Method,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
  wait = TIMEOUT_MS,
) {
  const response = await send(method, path, body, signal, wait)
  if (response.ok) return response
  throw await failure(response, `${method} ${path}`)
}

async function json<T>(path: string, response: Response): Promise<T> {
  try {
    return (await response.json()) as T
  } catch (cause) {
    // A proxy's error page with status 200, or a connection that broke half-way.
    throw new AwayError(`GET ${path}`, cause)
  }
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return json<T>(path, await call('GET', path, undefined, signal))
}

/** What the server goes on to send, until `signal`. Only the beginning of the answer has to come in time. */
export async function follow(
  path: string,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(new Error('no answer in time')), TIMEOUT_MS)
  const request = `GET ${path}`
  const response = await fetch(path, {
    credentials: 'same-origin',
    headers: { accept: 'text/event-stream' },
    signal: AbortSignal.any([signal, late.signal]),
  })
    .catch((cause: unknown) => {
      if (signal.aborted) throw cause
      throw new AwayError(request, cause)
    })
    .finally(() => clearTimeout(timer))
  if (!response.ok) throw await failure(response, request)
  const type = response.headers.get('content-type') ?? ''
  // A proxy's page, with status 200.
  if (!response.body || !type.startsWith('text/event-stream')) {
    throw new AwayError(request, `the answer is ${type || 'empty'}`)
  }
  return response.body
}

export async function post<T>(path: string, body: unknown, wait?: number): Promise<T> {
  return json<T>(path, await call('POST', path, body, undefined, wait))
}

/** For what is answered without a body. */
export async function act(method: 'POST' | 'PUT', path: string, body?: unknown): Promise<void> {
  await call(method, path, body)
}

export async function remove(path: string): Promise<void> {
  await call('DELETE', path)
}
