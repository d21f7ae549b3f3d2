import { expect, openSection, scrollTo, slowDown, test } from '../fixtures'

test('configuration leads to acl.conf', async ({ page }) => {
  await openSection(page, 'Configuration')
  await page.getByRole('link', { name: 'acl.conf' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'acl.conf' })).toBeVisible()
  await expect(page).toHaveTitle('acl.conf · CustomPBX')
  await expect(page.getByRole('row', { name: /network-lists/ })).toBeVisible()
  await expect(page.getByRole('row', { name: /list lan/ })).toBeVisible()
})

test('an element is shown as XML and back', async ({ page }) => {
  await openSection(page, 'Configuration')
  await page.getByRole('link', { name: 'acl.conf' }).click()
  await page.getByRole('radio', { name: 'XML' }).check()
  await expect(page).toHaveURL(/view=xml/)
  await expect(page.getByText('<configuration name="acl.conf"')).toBeVisible()
  await expect(page.getByText('</network-lists>')).toBeVisible()
  await page.getByRole('radio', { name: 'Tree' }).check()
  await expect(page.getByRole('treegrid')).toBeVisible()
})

test('dialplan leads to the context default and its extensions', async ({ page }) => {
  await openSection(page, 'Dialplan')
  await page.getByRole('link', { name: 'context default' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'default' })).toBeVisible()
  await page.getByRole('textbox', { name: 'Filter' }).fill('Local_Extension')
  await expect(
    page.getByRole('row', { name: 'extension Local_Extension', exact: true }),
  ).toBeVisible()
  await expect(page).toHaveURL(/q=Local_Extension/)
})

test('the users 1000 to 1019 are there, and their passwords are hidden', async ({ page }) => {
  await page.goto('/cweb/i/default/users')
  for (let user = 1000; user <= 1019; user++) {
    await expect(page.getByRole('link', { name: String(user), exact: true })).toBeVisible()
  }
  await page.getByRole('link', { name: '1000', exact: true }).click()
  await expect(page.getByRole('heading', { level: 1, name: '1000' })).toBeVisible()
  const password = page.getByRole('row', { name: 'param vm-password' })
  await expect(password).toContainText('••••••••')
  await expect(password).not.toContainText('1000')
  await password.getByRole('button', { name: 'Reveal vm-password' }).click()
  await expect(password).toContainText('1000')
  await password.getByRole('button', { name: 'Hide vm-password' }).click()
  await expect(password).not.toContainText('1000')
})

test('a secret in a list is revealed where it is, and stays so while the filter works', async ({
  page,
}) => {
  await openSection(page, 'Global variables')
  await slowDown(page, '**/children?**')
  await page.getByRole('textbox', { name: 'Filter' }).fill('default_password')
  const row = page.getByRole('row', { name: /default_password/ })
  await expect(row).toContainText('••••••••')
  await row.getByRole('button', { name: 'Reveal default_password' }).click()
  await expect(row).not.toContainText('••••••••')
  await expect(page.getByText('1 match')).toBeVisible()
  await expect(row).not.toContainText('••••••••')
  await expect(page.getByRole('heading', { level: 1, name: 'Global variables' })).toBeVisible()
})

test('XML hides secrets until they are asked for', async ({ page }) => {
  await page.goto('/cweb/i/default/users')
  await page.getByRole('link', { name: '1001', exact: true }).click()
  await page.getByRole('radio', { name: 'XML' }).check()
  await expect(page.locator('pre')).toContainText('name="vm-password" value="••••••••"')
  await page.getByRole('button', { name: 'Reveal secrets' }).click()
  await expect(page.locator('pre')).toContainText('name="vm-password" value="1001"')
})

test('the filter of a list lives in the URL', async ({ page }) => {
  await openSection(page, 'Configuration')
  await page.getByRole('textbox', { name: 'Filter' }).fill('sofia')
  await expect(page.getByRole('link', { name: 'acl.conf' })).toBeHidden()
  await expect(page.getByRole('link', { name: 'sofia.conf' })).toBeVisible()
  await expect(page).toHaveURL(/\?q=sofia$/)
  await page.reload()
  await expect(page.getByRole('textbox', { name: 'Filter' })).toHaveValue('sofia')
  await page.getByRole('button', { name: 'Clear filter' }).click()
  await expect(page.getByRole('link', { name: 'acl.conf' })).toBeVisible()
})

test('the filter of users is the server’s', async ({ page }) => {
  await page.goto('/cweb/i/default/users')
  await page.getByRole('textbox', { name: 'Filter' }).fill('1007')
  await expect(page.getByRole('link', { name: '1006', exact: true })).toBeHidden()
  await expect(page.getByRole('link', { name: '1007', exact: true })).toBeVisible()
  await page.getByRole('textbox', { name: 'Filter' }).fill('nobody-is-called-so')
  await expect(page.getByText('Nothing matches “nobody-is-called-so”.')).toBeVisible()
})

test('Back leads to the row one came from', async ({ page }) => {
  await openSection(page, 'Configuration')
  const sofia = page.getByRole('link', { name: 'sofia.conf' })
  await scrollTo(page, sofia)
  await sofia.click()
  await expect(page.getByRole('heading', { level: 1, name: 'sofia.conf' })).toBeVisible()
  await page.goBack()
  await expect(page.getByRole('heading', { level: 1, name: 'Configuration' })).toBeVisible()
  await expect(sofia).toBeInViewport({ ratio: 1 })
  await page.keyboard.press('k')
  await expect(sofia).toBeFocused()
})

test('the global variables come last', async ({ page }) => {
  await page.goto('/cweb/')
  const sections = page.getByRole('navigation', { name: 'Sections' }).getByRole('link')
  await expect(sections.last()).toContainText('Global variables')
  const rows = page.getByRole('table').getByRole('link')
  await expect(rows.last()).toHaveText('Global variables')
})

test('what does not exist is said', async ({ page }) => {
  await page.goto('/cweb/no/such/page')
  await expect(page.getByRole('heading', { name: 'There is no such page.' })).toBeVisible()
})

test('the theme is kept', async ({ page }) => {
  await page.goto('/cweb/')
  await page.getByRole('button', { name: /^Theme/ }).click()
  await page.getByRole('menuitemradio', { name: 'Dark' }).click()
  const background = () =>
    page.evaluate(
      () => getComputedStyle(document.body.parentElement ?? document.body).backgroundColor,
    )
  expect(await background()).toBe('rgb(19, 20, 24)')
  await page.reload()
  await expect(page.getByRole('button', { name: 'Theme: Dark' })).toBeVisible()
  expect(await background()).toBe('rgb(19, 20, 24)')
})
