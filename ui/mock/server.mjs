// Serves ui/dist and the API from memory, under the same headers as the real server. For tests and for a look.
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { answer } from './api.mjs'
import { sendLog } from './log.mjs'
import { upgrade } from './socket.mjs'
import { answerSwitches, LIVE, stream } from './switches.mjs'

const PORT = Number(process.env.PORT ?? 4180)
const LOGIN = 'admin'
const PASSWORD = process.env.CUSTOMPBX_ADMIN_PASSWORD ?? 'e2e-password-1'
const MAX_TRIES = 10

const dist = new URL('../dist/', import.meta.url).pathname
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

const sessions = new Set()
/** Wrong tries by login; the real server throttles by address and login. */
const tries = new Map()

function send(response, status, body, headers = {}) {
  const type = status >= 400 ? 'application/problem+json' : 'application/json'
  response.writeHead(status, { 'content-type': type, ...headers })
  response.end(body === undefined ? undefined : JSON.stringify(body))
}

const problem = (response, status, title, headers) =>
  send(response, status, { type: 'about:blank', title, status, detail: title }, headers)

async function readJson(request) {
  let text = ''
  for await (const chunk of request) text += chunk
  return text === '' ? undefined : JSON.parse(text)
}

const session = { user: { id: 1, login: LOGIN, role: 'admin' } }

async function signIn(request, response) {
  const { login, password } = await readJson(request)
  const count = (tries.get(login) ?? 0) + 1
  if (count > MAX_TRIES) return problem(response, 429, 'Too many tries', { 'retry-after': '30' })
  if (login !== LOGIN || password !== PASSWORD) {
    tries.set(login, count)
    return problem(response, 401, 'Login or password is wrong')
  }
  const token = randomUUID()
  sessions.add(token)
  send(response, 200, session, {
    'set-cookie': `session=${token}; HttpOnly; SameSite=Strict; Path=/`,
  })
}

const tokenOf = (request) => /session=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1]

async function api(request, response, url) {
  const parts = url.pathname.split('/').slice(3).map(decodeURIComponent)
  if (parts[0] === 'session' && request.method === 'POST') return signIn(request, response)
  const token = tokenOf(request)
  if (!sessions.has(token)) return problem(response, 401, 'Not signed in')
  if (parts[0] === 'session' && request.method === 'DELETE') {
    sessions.delete(token)
    response.writeHead(204).end()
    return
  }
  if (parts[0] === 'session') return send(response, 200, session)
  if (parts[0] === 'switches') {
    const sent = ['POST', 'PUT'].includes(request.method) ? await readJson(request) : undefined
    if (parts[2] === 'log' && parts[1] === LIVE) {
      return sendLog(response, Number(url.searchParams.get('level') ?? 6))
    }
    const { status, body } = answerSwitches(request.method, parts.slice(1), sent)
    return send(response, status, body)
  }
  const { status, body } = answer(parts, url.searchParams)
  send(response, status, body)
}

async function page(response, pathname) {
  const inside = normalize(pathname.slice('/cweb/'.length))
  const file = extname(inside) === '' ? 'index.html' : inside
  try {
    const content = await readFile(join(dist, file))
    const type = TYPES[extname(file)] ?? 'application/octet-stream'
    response.writeHead(200, { 'content-type': type, 'content-security-policy': CSP })
    response.end(content)
  } catch {
    response.writeHead(404).end()
  }
}

createServer(async (request, response) => {
  const url = new URL(request.url, 'http://mock')
  try {
    if (url.pathname.startsWith('/api/v2/')) await api(request, response, url)
    else if (url.pathname.startsWith('/cweb/')) await page(response, url.pathname)
    else response.writeHead(302, { location: '/cweb/' }).end()
  } catch (error) {
    problem(response, 500, String(error))
  }
})
  .on('upgrade', (request, socket) => {
    // By the session of the handshake; without one, nobody is known here.
    const known = sessions.has(tokenOf(request))
    const nobody = (tell) => ({
      hear: () => tell(JSON.stringify({ MessageType: 'connection', no_token: true })),
      end: () => {},
    })
    upgrade(request, socket, known ? stream : nobody)
  })
  .listen(PORT, '127.0.0.1', () => console.log(`http://127.0.0.1:${PORT}/cweb/`))
