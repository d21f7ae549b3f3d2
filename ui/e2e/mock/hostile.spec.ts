import { expect, openSection, test } from '../fixtures'

test('hostile names are text', async ({ page }) => {
  await openSection(page, 'Configuration')
  const link = page.getByRole('link', { name: '<img src=x onerror="window.hacked=1">' })
  await link.click()
  await expect(page.getByRole('heading', { level: 1 })).toContainText('<img src=x onerror')
  await expect(page.getByRole('row', { name: '⟨U+202E⟩evil⟨U+202C⟩.conf' })).toBeVisible()
  await expect(page.getByRole('row', { name: 'a⟨U+0000⟩b⏎c⇥d' })).toBeVisible()
  await page.getByRole('radio', { name: 'XML' }).check()
  await expect(page.getByText('&quot;&gt;&lt;script&gt;').first()).toBeVisible()
  expect(await page.evaluate(() => 'hacked' in window)).toBe(false)
})

test('a very long value is cut in its row and whole in its details', async ({ page }) => {
  await openSection(page, 'Configuration')
  await page.getByRole('link', { name: '<img src=x' }).click()
  const row = page.getByRole('row', { name: 'xxxxxxxxxx' })
  expect((await row.textContent())?.length).toBeLessThan(1_000)
  await row.click()
  await expect(page.getByRole('dialog')).toContainText('x'.repeat(10_000))
})
