import { expect, expectNoSidewaysScroll, openSection, test } from '../fixtures'

test('100,000 users scroll and filter', async ({ page }) => {
  await page.goto('/cweb/i/default/users')
  await expect(page.getByRole('status').filter({ hasText: 'users' })).toHaveText('100,029 users')
  const rows = page.getByRole('row')
  expect(await rows.count()).toBeLessThan(80)
  await page.keyboard.press('j')
  await page.keyboard.press('End')
  await expect(page.getByRole('link', { name: '500171', exact: true })).toBeVisible()
  await page.keyboard.press('End')
  await expect(page.getByRole('link', { name: '500371', exact: true })).toBeVisible()
  await page.getByRole('textbox', { name: 'Filter' }).fill('599999')
  await expect(page.getByRole('link', { name: '599999', exact: true })).toBeVisible()
  await expect(rows).toHaveCount(2)
})

test('Back leads to the row of a long list, and to all that was loaded', async ({ page }) => {
  await page.goto('/cweb/i/default/users')
  await expect(page.getByRole('link', { name: '1000', exact: true })).toBeVisible()
  await page.keyboard.press('j')
  await page.keyboard.press('End')
  const user = page.getByRole('link', { name: '500171', exact: true })
  await expect(user).toBeVisible()
  await user.click()
  await expect(page.getByRole('heading', { level: 1, name: '500171' })).toBeVisible()
  await page.goBack()
  await expect(page.getByRole('heading', { level: 1, name: 'Users' })).toBeVisible()
  await expect(user).toBeInViewport({ ratio: 1 })
  await page.keyboard.press('k')
  await expect(user).toBeFocused()
})

test.describe('more than can be shown as a tree', () => {
  test.use({ expectedStatus: [422] })
  test('is a list', async ({ page }) => {
    await openSection(page, 'Dialplan')
    await page.getByRole('link', { name: 'huge' }).click()
    await expect(page.getByText('Too many elements to show as one tree.')).toBeVisible()
    await page.getByRole('textbox', { name: 'Filter' }).fill('route_1999')
    await page.getByRole('link', { name: 'route_1999' }).click()
    await expect(page.getByRole('row', { name: 'action hangup' })).toBeVisible()
  })
})

test('right to left', async ({ page }) => {
  await page.addInitScript(() => {
    new MutationObserver(() => {
      if (document.documentElement.dir === 'ltr') document.documentElement.dir = 'rtl'
    }).observe(document, { attributes: true, childList: true, subtree: true })
  })
  await openSection(page, 'Configuration')
  await page.getByRole('link', { name: 'sofia.conf' }).click()
  await expect(page.getByRole('treegrid')).toBeVisible()
  await expectNoSidewaysScroll(page)
  const side = await page.getByRole('complementary').boundingBox()
  expect(side?.x).toBeGreaterThan(1_000)
})
