import { expect, expectNoSidewaysScroll, openSection, test } from '../fixtures'

test('the gravest remarks come first and lead to their elements', async ({ page }) => {
  await page.goto('/cweb/i/default/dialplan-check')
  const rows = page.getByRole('row')
  await expect(rows.nth(1)).toContainText('error')
  await expect(rows.nth(3)).toContainText('warning')
  await expect(page.getByRole('list', { name: 'Contexts' })).toContainText(
    'checked · 3 extensions · 1,204 agreed · 1 disagreed',
  )
  await rows.nth(1).getByRole('link').click()
  await expect(page.getByRole('heading', { level: 1, name: 'Local_Extension' })).toBeVisible()
})

test('rows as high as their messages do not cover each other', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto('/cweb/i/default/dialplan-check')
  const rows = page.getByRole('row')
  await expect(rows.nth(5)).toBeAttached()
  await expect(async () => {
    for (let i = 1; i < 5; i++) {
      const [row, next] = [await rows.nth(i).boundingBox(), await rows.nth(i + 1).boundingBox()]
      const end = (row?.y ?? 0) + (row?.height ?? 0)
      expect(Math.abs(end - (next?.y ?? 0))).toBeLessThanOrEqual(1)
    }
  }).toPass()
  await expectNoSidewaysScroll(page)
})

test('Back leads to the row one came from, though rows differ in height', async ({ page }) => {
  await page.goto('/cweb/i/default/dialplan-check')
  await expect(page.getByRole('row').nth(1)).toBeVisible()
  await page.keyboard.press('j')
  await page.keyboard.press('End')
  const link = page.getByRole('link', { name: 'enum' })
  await expect(link).toBeFocused()
  await link.click()
  await expect(page.getByRole('heading', { level: 1, name: 'enum' })).toBeVisible()
  await page.goBack()
  await expect(link).toBeInViewport({ ratio: 1 })
  await page.keyboard.press('k')
  await expect(link).toBeFocused()
})

test('hostile messages are text', async ({ page }) => {
  await page.goto('/cweb/i/default/dialplan-check?q=onerror')
  await expect(page.getByRole('row').nth(1)).toContainText('<img src=x onerror="window.hacked=1">')
  await expect(page.getByRole('row').nth(1)).toContainText('⟨U+202E⟩evil')
  expect(await page.evaluate(() => 'hacked' in window)).toBe(false)
})

test('the section is another page than its check', async ({ page }) => {
  await openSection(page, 'Dialplan')
  await expect(page.getByRole('link', { name: 'context default' })).toBeVisible()
})

test('nothing wrong is said', async ({ page }) => {
  await page.goto('/cweb/i/empty/dialplan-check')
  await expect(page.getByText('Nothing is wrong in this dialplan.')).toBeVisible()
})
