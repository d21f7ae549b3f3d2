import { expect, expectNoSidewaysScroll, test } from '../fixtures'

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true })

test('every page fits a phone', async ({ page }) => {
  await page.goto('/cweb/')
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible()
  await expectNoSidewaysScroll(page)

  await page.getByRole('button', { name: 'Menu' }).tap()
  const drawer = page.getByRole('dialog', { name: 'CustomPBX' })
  await drawer.getByRole('link', { name: /Configuration/ }).tap()
  await expect(drawer).toBeHidden()
  await expect(page.getByRole('heading', { name: 'Configuration' })).toBeVisible()
  await expectNoSidewaysScroll(page)

  await page.getByRole('link', { name: 'acl.conf' }).tap()
  await expect(page.getByRole('treegrid')).toBeVisible()
  await expectNoSidewaysScroll(page)
  await page.getByText('XML', { exact: true }).tap()
  await expect(page.locator('pre')).toBeVisible()
  await expectNoSidewaysScroll(page)

  await page.getByRole('button', { name: 'Menu' }).tap()
  await drawer.getByRole('link', { name: /Users/ }).tap()
  await expect(page.getByRole('link', { name: '1000', exact: true })).toBeVisible()
  await expectNoSidewaysScroll(page)

  await page.getByRole('button', { name: 'Menu' }).tap()
  await drawer.getByRole('link', { name: 'Dialplan check' }).tap()
  await expect(page.getByRole('table', { name: 'Dialplan check' })).toBeVisible()
  await expectNoSidewaysScroll(page)
})

test('what is touched is large enough', async ({ page }) => {
  await page.goto('/cweb/i/default/users')
  await expect(page.getByRole('link', { name: '1000', exact: true })).toBeVisible()
  for (const control of await page.getByRole('button').all()) {
    const box = await control.boundingBox()
    if (!box) continue
    expect(Math.min(box.width, box.height), await control.innerHTML()).toBeGreaterThanOrEqual(44)
  }
  const row = await page.getByRole('row').nth(1).boundingBox()
  expect(row?.height).toBe(44)
})
