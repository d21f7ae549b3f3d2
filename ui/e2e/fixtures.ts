import { setTimeout as sleep } from 'node:timers/promises'
import {
  test as base,
  type ConsoleMessage,
  expect,
  type Locator,
  type Page,
  request,
} from '@playwright/test'
import { startMock } from './mock'
import { LOGIN, PASSWORD, type Running } from './process'
import { missingServer, startServer } from './server'

export { LOGIN, PASSWORD } from './process'
export { expect, type Page }

type StorageState = Awaited<
  ReturnType<Awaited<ReturnType<typeof request.newContext>>['storageState']>
>

export interface Options {
  target: 'mock' | 'server'
}
interface WorkerFixtures extends Options {
  running: Running | null
  session: StorageState
}
interface TestFixtures {
  /** Whether a test begins with a session. */
  signedIn: boolean
  /** Answers that the test provokes; the browser writes each to the console as an error. */
  expectedStatus: number[]
  watched: undefined
}

const nobody: StorageState = { cookies: [], origins: [] }

async function openSession(url: string): Promise<StorageState> {
  const context = await request.newContext({ baseURL: url })
  const data = { login: LOGIN, password: PASSWORD }
  const response = await context.post('/api/v2/session', { data })
  if (!response.ok()) throw new Error(`Signing in: ${response.status()} ${await response.text()}`)
  const state = await context.storageState()
  await context.dispose()
  return state
}

const isExpected = (message: ConsoleMessage, statuses: number[]) =>
  statuses.some((status) => message.text().includes(`responded with a status of ${status}`))

export const test = base.extend<TestFixtures, WorkerFixtures>({
  target: ['mock', { option: true, scope: 'worker' }],
  signedIn: [true, { option: true }],
  expectedStatus: [[], { option: true }],

  running: [
    async ({ target }, use) => {
      const missing = target === 'server' ? missingServer() : null
      if (missing !== null) console.warn(`Skipped: ${missing}`)
      const running = missing ? null : await (target === 'mock' ? startMock() : startServer())
      await use(running)
      await running?.stop()
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  session: [
    async ({ running }, use) => use(running ? await openSession(running.url) : nobody),
    { scope: 'worker' },
  ],

  baseURL: async ({ running }, use) => use(running?.url),
  storageState: async ({ session, signedIn }, use) => use(signedIn ? session : nobody),

  // No page may write an error to the console; a violation of the Content-Security-Policy is one.
  watched: [
    async ({ running, page, expectedStatus }, use, info) => {
      info.skip(running === null, missingServer() ?? '')
      const errors: string[] = []
      page.on('pageerror', (error) => errors.push(String(error)))
      page.on('console', (message) => {
        if (message.type() !== 'error' && message.type() !== 'warning') return
        if (!isExpected(message, expectedStatus)) errors.push(message.text())
      })
      await use(undefined)
      expect(errors).toEqual([])
    },
    { auto: true },
  ],
})

export async function signIn(page: Page, password = PASSWORD): Promise<void> {
  await page.getByLabel('Login').fill(LOGIN)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** Opens a section from the list at the side. */
export async function openSection(page: Page, name: string): Promise<void> {
  await page.goto('/cweb/')
  const sections = page.getByRole('navigation', { name: 'Sections' })
  // The name and the number of entries: “Dialplan check” is another page.
  await sections.getByRole('link', { name: new RegExp(`^${name}( [\\d.,]+)?$`) }).click()
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
}

/** Turns the wheel over the rows until one of them is in sight; most rows of a long list do not exist before. */
export async function scrollTo(page: Page, row: Locator): Promise<void> {
  await page.getByRole('table').hover()
  await expect(async () => {
    // A row in the document may still be out of sight: the list keeps some around those that it shows.
    const seen = expect(row).toBeInViewport({ ratio: 1, timeout: 300 })
    await seen.catch(async (error) => {
      await page.mouse.wheel(0, 300)
      throw error
    })
  }).toPass({ timeout: 15_000, intervals: [0] })
}

/** Makes what is asked for below `path` come late, as over a slow line. */
export async function slowDown(page: Page, path: string, ms = 400): Promise<void> {
  await page.route(path, async (route) => {
    await sleep(ms)
    await route.continue()
  })
}

export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  expect(wide).toBeLessThanOrEqual(0)
}
