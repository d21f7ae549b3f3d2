import { expect, signIn, test } from '../fixtures'

test.use({ signedIn: false, expectedStatus: [401] })

test('a wrong password is told, the right one leads in', async ({ page }) => {
  await page.goto('/cweb/')
  await signIn(page, 'not-the-password')
  await expect(page.getByRole('alert')).toHaveText('Login or password is wrong.')
  await signIn(page)
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
})

test('signing in leads to where one wanted to go', async ({ page }) => {
  await page.goto('/cweb/i/default/users?q=1005')
  await expect(page.getByText('You were signed out.')).toBeVisible()
  await signIn(page)
  await expect(page).toHaveURL(/\/cweb\/i\/default\/users\?q=1005$/)
  await expect(page.getByRole('link', { name: '1005', exact: true })).toBeVisible()
})

test('a session that ends in the middle leads to sign-in and back', async ({ page, context }) => {
  await page.goto('/cweb/')
  await signIn(page)
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible()
  await context.clearCookies()
  await page
    .getByRole('link', { name: /^Dialplan( [\d.,]+)?$/ })
    .first()
    .click()
  await expect(page.getByRole('heading', { name: 'CustomPBX' })).toBeVisible()
  await signIn(page)
  await expect(page.getByRole('heading', { level: 1, name: 'Dialplan' })).toBeVisible()
})

test('signing out ends the session', async ({ page }) => {
  await page.goto('/cweb/')
  await signIn(page)
  await page.getByRole('button', { name: 'Account of admin' }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(page.getByLabel('Login')).toBeVisible()
  await page.goto('/cweb/i/default/users')
  await expect(page.getByLabel('Login')).toBeVisible()
})
