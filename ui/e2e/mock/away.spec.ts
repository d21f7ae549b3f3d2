import { expect, signIn, test } from '../fixtures'

test.describe('a server that goes away', () => {
  test('is told, and how old the data is', async ({ page }) => {
    await page.goto('/cweb/i/default/users')
    await expect(page.getByRole('link', { name: '1000', exact: true })).toBeVisible()
    await page.route('**/api/v2/**', (route) => route.fulfill({ status: 200, body: '<html>' }))
    await expect(page.getByRole('button', { name: 'State: Server away' })).toBeVisible({
      timeout: 15_000,
    })
    await expect(page.getByText(/^Server away\. Shown as of \d\d:\d\d:\d\d\.$/)).toBeVisible()
    await expect(page.getByRole('link', { name: '1000', exact: true })).toBeVisible()
    await page.unrouteAll()
    await expect(page.getByRole('button', { name: 'State: All well' })).toBeVisible({
      timeout: 15_000,
    })
    await expect(page.getByText(/Shown as of/)).toBeHidden()
  })
})

test('a server that is away from the start can be tried again', async ({ page }) => {
  await page.route('**/api/v2/session', (route) => route.fulfill({ status: 200, body: '<html>' }))
  await page.goto('/cweb/')
  await expect(page.getByRole('alert')).toContainText('The server did not answer.')
  await page.unrouteAll()
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible()
})

test('the first run says what to do', async ({ page }) => {
  await page.goto('/cweb/i/empty')
  await expect(page.getByRole('heading', { name: 'Nothing is imported yet' })).toBeVisible()
  await expect(page.getByText('custompbx import /etc/freeswitch')).toBeVisible()
  await page.getByRole('link', { name: 'How the import works' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'How the import works' })).toBeVisible()
})

test('another instance is chosen from the bar', async ({ page }) => {
  await page.goto('/cweb/')
  await page.getByRole('button', { name: 'Instance: default' }).click()
  await page.getByRole('menuitemradio', { name: 'empty' }).click()
  await expect(page).toHaveURL(/\/cweb\/i\/empty$/)
})

test.describe('an element that is gone', () => {
  test.use({ expectedStatus: [404] })
  test('is explained, with details on demand', async ({ page }) => {
    await page.goto('/cweb/i/default/nodes/999999')
    await expect(page.getByRole('alert')).toContainText(
      'It is not there: deleted, or imported anew.',
    )
    await page.getByText('Details').click()
    await expect(page.getByText('HTTP 404')).toBeVisible()
  })
})

test.describe('too many tries', () => {
  test.use({ signedIn: false, expectedStatus: [401, 429] })
  test('say when to try again', async ({ page, request }) => {
    const data = { login: 'admin', password: 'wrong' }
    for (let i = 0; i < 10; i++) await request.post('/api/v2/session', { data })
    await page.goto('/cweb/')
    await signIn(page, 'wrong')
    await expect(page.getByRole('alert')).toHaveText('Too many tries. Try again in 30 seconds.')
  })
})
