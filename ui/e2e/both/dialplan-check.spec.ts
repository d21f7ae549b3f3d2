import { expect, test } from '../fixtures'

test('the check says what only the switch knows', async ({ page }) => {
  await page.goto('/cweb/')
  const sections = page.getByRole('navigation', { name: 'Sections' })
  await sections.getByRole('link', { name: 'Dialplan check' }).click()
  await expect(page).toHaveTitle('Dialplan check · CustomPBX')
  await expect(page.getByRole('list', { name: 'Contexts' })).toContainText(/default.*extensions/)

  await page.getByRole('textbox', { name: 'Filter' }).fill('mod_enum')
  const row = page.getByRole('row', { name: /enum/ })
  await expect(row).toHaveCount(1)
  await expect(row).toContainText('only the switch knows')
  await expect(row).toContainText('module_exists(mod_enum)')
  await expect(page).toHaveURL(/dialplan-check\?q=mod_enum$/)
  await expect(page.getByText('1 match')).toBeVisible()

  await page.getByRole('textbox', { name: 'Filter' }).fill('no-remark-says-so')
  await expect(page.getByText('Nothing matches “no-remark-says-so”.')).toBeVisible()
})

test('its rows are reached by keys', async ({ page }) => {
  await page.goto('/cweb/i/default/dialplan-check')
  await expect(page.getByRole('row').nth(1)).toBeVisible()
  await page.keyboard.press('j')
  await expect(page.locator('[data-row="0"]')).toBeFocused()
  await page.keyboard.press('j')
  await expect(page.locator('[data-row="1"]')).toBeFocused()
  await page.keyboard.press('End')
  await expect(
    page.getByRole('row').filter({ hasText: 'only the switch knows' }).last(),
  ).toBeInViewport()
  await expect(page.locator('[data-row]:focus')).toBeInViewport()
})
