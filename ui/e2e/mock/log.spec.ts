import AxeBuilder from '@axe-core/playwright'
import { expect, expectNoSidewaysScroll, type Page, test } from '../fixtures'

const ONE = '/cweb/i/default/switches/pbx1'
const LOG = `${ONE}?tab=log`
const ALICE = '5f2b1c9e-0000-4000-8000-000000000001'

const rows = (page: Page) => page.getByRole('log')
const level = (page: Page) => page.getByLabel('The most verbose level')
const lines = (page: Page) => page.getByRole('status').filter({ hasText: /^[\d,]+ lines?$/ })
const event = (name: string, data: unknown) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
const line = (text: string, more = {}) =>
  event('line', { level: 6, file: 'a.c', function: 'f', line: 1, uuid: null, text, ...more })

/** Answers the next request for the log with events, and then ends. */
const play = (page: Page, ...events: string[]) =>
  page.route('**/log?*', (route) => {
    return route.fulfill({ contentType: 'text/event-stream', body: events.join('') })
  })

test('lines come, and those that are missing are named; hostile text is text', async ({ page }) => {
  await page.goto(LOG)
  await expect(page.getByText('following')).toBeVisible()
  await expect(rows(page)).toContainText('has been answered')
  await expect(rows(page)).toContainText('<img src=x onerror="window.hacked=1">')
  await expect(rows(page)).toContainText('31 lines are missing here')
  // info does not have what is more verbose.
  await expect(rows(page)).not.toContainText('INVITE sip:1001')
  const before = (await lines(page).textContent()) ?? ''
  await expect(lines(page)).not.toHaveText(before)

  const asked = page.waitForRequest(/\/log\?level=7$/)
  await level(page).selectOption('debug')
  await asked
  await expect(page).toHaveURL(/level=debug/)
  await expect(rows(page)).toContainText('INVITE sip:1001')
  expect(await page.evaluate(() => 'hacked' in window)).toBe(false)
})

test('it is paused where one reads, goes on at the end, and is cleared', async ({ page }) => {
  await page.goto(`${LOG}&level=debug`)
  await expect(rows(page)).toContainText('31 lines are missing here')
  const newest = page.getByRole('button', { name: 'To the newest' })
  await expect(newest).toBeHidden()
  await rows(page).hover()
  await page.mouse.wheel(0, -400)
  await expect(newest).toBeVisible()
  await page.getByRole('button', { name: 'Pause' }).click()
  const paused = await lines(page).textContent()
  await expect(page.getByText(/^paused, [2-9] new$/)).toBeVisible()
  await expect(lines(page)).toHaveText(paused ?? '')
  await expect(newest).toBeVisible()
  await page.getByRole('button', { name: 'Resume' }).click()
  await expect(newest).toBeHidden()
  await expect(lines(page)).not.toHaveText(paused ?? '')
  await page.getByRole('button', { name: 'Clear' }).click()
  await expect(rows(page)).not.toContainText('31 lines')
})

test('it is left by text and by call, in the URL, and leads to the call and back', async ({
  page,
}) => {
  await page.goto(`${LOG}&level=debug`)
  await expect(rows(page)).toContainText('sofia_reg.c:1860')
  await page.keyboard.press('/')
  await page.keyboard.type('MOD_CALLCENTER')
  await expect(rows(page)).not.toContainText('sofia_reg.c:1860')
  await expect(page).toHaveURL(/q=MOD_CALLCENTER/)
  await page.getByLabel('Filter', { exact: true }).fill('nothing such')
  await expect(page.getByRole('heading', { name: 'Nothing matches “nothing such”.' })).toBeVisible()
  await page.getByRole('button', { name: 'Clear filter' }).click()

  await rows(page).getByTitle(`Only what is about ${ALICE}`).last().click()
  await expect(page).toHaveURL(new RegExp(`level=debug&q=uuid%3A${ALICE}`))
  await expect(rows(page)).toContainText('Processing Alice Arnold')
  await expect(rows(page)).not.toContainText('mod_callcenter.c')
  await page.getByRole('link', { name: 'Show the call' }).click()
  await page.getByRole('button', { name: 'Alice Arnold' }).click()
  const dialog = page.getByRole('dialog', { name: 'Call' })
  await dialog.getByRole('link', { name: 'What it says of this leg' }).first().click()
  await expect(dialog).toBeHidden()
  // The rows of before are there still, and what is missing between.
  await expect(rows(page)).toContainText(/Nobody listened from \d/)
  await expect(rows(page)).toContainText('Processing Alice Arnold')
})

test('the end says why, and it is followed again', async ({ page }) => {
  await play(page, line('one'), event('end', { reason: 'the server stops' }))
  await page.goto(LOG)
  const end = page.getByRole('status').filter({ hasText: 'The log ended at' })
  await expect(end).toContainText(': the server stops.')
  await expect(rows(page)).toContainText('one')
  await page.unroute('**/log?*')
  await end.getByRole('button', { name: 'Follow again' }).click()
  await expect(page.getByText('following')).toBeVisible()
  await expect(end).toBeHidden()
  await expect(rows(page)).toContainText('31 lines are missing here')
  await page.unroute('**/log?*')
  await play(page, line('cut off'))
  await level(page).selectOption('notice')
  await expect(page.getByRole('status').filter({ hasText: 'Not followed since' })).toContainText(
    'The server did not answer.',
  )
})

test.describe('a refusal', () => {
  test.use({ expectedStatus: [503] })
  test('is shown with its reason', async ({ page }) => {
    const problem = { title: 'Service unavailable', detail: 'sixteen logs are watched already' }
    await page.route('**/log?*', (route) => route.fulfill({ status: 503, json: problem }))
    await page.goto(LOG)
    await expect(page.getByRole('status').filter({ hasText: 'Not followed' })).toContainText(
      'sixteen logs are watched already',
    )
    await expect(page.getByRole('button', { name: 'Follow again' })).toBeVisible()
  })
})

test('a switch that is away has none, and nobody asks for it', async ({ page }) => {
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  await page.goto(LOG.replace('pbx1', 'pbx2'))
  await expect(page.getByRole('heading', { name: 'Nothing is known' })).toBeVisible()
  expect(asked.filter((url) => url.includes('/log'))).toEqual([])
})

test('whoever is no admin is not shown it', async ({ page }) => {
  const session = { user: { id: 2, login: 'carol', role: 'manager' } }
  await page.route('**/api/v2/session', (route) => route.fulfill({ json: session }))
  await page.goto(LOG)
  const tabs = page.getByRole('navigation', { name: 'Parts of the switch' })
  await expect(tabs.locator('[aria-current=page]')).toHaveText('Calls')
  await expect(tabs.getByRole('link', { name: 'Log' })).toBeHidden()
})

test('thousands of lines stay quick, and on a telephone everything fits', async ({ page }) => {
  const all = Array.from({ length: 6_000 }, (_, n) => line(`line ${n} ${'x'.repeat(n % 300)}`))
  await play(page, ...all, event('end', { reason: 'enough' }))
  await page.goto(LOG)
  await expect(lines(page)).toHaveText('5,000 lines', { timeout: 15_000 })
  await expect(rows(page)).toContainText('line 5999 ')
  expect(await rows(page).locator('[data-index]').count()).toBeLessThan(200)
  // Another width makes other heights; the end stays in sight.
  await page.setViewportSize({ width: 390, height: 844 })
  await expectNoSidewaysScroll(page)
  await page.waitForTimeout(300)
  await expect(page.getByText('line 5999 ')).toBeInViewport()
  await page.setViewportSize({ width: 1440, height: 500 })
  await page.waitForTimeout(300)
  await expect(page.getByText('line 5999 ')).toBeInViewport()
  await rows(page).press('Home')
  await expect(rows(page)).toContainText('line 1000 ')
  await page.setViewportSize({ width: 1000, height: 800 })
  await page.waitForTimeout(300)
  await expect(page.getByText('line 1000 ')).toBeInViewport()
})

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme })
    test('it is accessible', async ({ page }) => {
      await page.goto(`${LOG}&level=debug`)
      await expect(rows(page)).toContainText('31 lines are missing here')
      await page.getByRole('button', { name: 'Pause' }).click()
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
    })
  })
}
