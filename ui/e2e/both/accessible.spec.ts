import AxeBuilder from '@axe-core/playwright'
import { expect, openSection, type Page, test } from '../fixtures'

async function expectAccessible(page: Page) {
  const { violations } = await new AxeBuilder({ page })
    .options({ resultTypes: ['violations'] })
    .analyze()
  const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  expect(grave.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([])
}

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme })

    test('lists, trees and dialogs', async ({ page }) => {
      await page.goto('/cweb/')
      await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible()
      await expectAccessible(page)

      await openSection(page, 'Configuration')
      await expect(page.getByRole('link', { name: 'acl.conf' })).toBeVisible()
      await expectAccessible(page)

      await page.getByRole('link', { name: 'acl.conf' }).click()
      await expect(page.getByRole('treegrid')).toBeVisible()
      await expectAccessible(page)
      await page.getByRole('row', { name: /cidr/ }).first().click()
      await expect(page.getByRole('dialog')).toBeVisible()
      await expectAccessible(page)
      await page.keyboard.press('Escape')
      await page.getByRole('radio', { name: 'XML' }).check()
      await expectAccessible(page)

      await page.goto('/cweb/i/default/users')
      await expect(page.getByRole('link', { name: '1000', exact: true })).toBeVisible()
      await expectAccessible(page)
      await page.goto('/cweb/i/default/dialplan-check')
      await expect(page.getByRole('heading', { name: 'Dialplan check' })).toBeVisible()
      await expect(page.getByRole('table')).toBeVisible()
      await expectAccessible(page)
      await page.keyboard.press('?')
      await expect(page.getByRole('dialog')).toBeVisible()
      await expectAccessible(page)
    })

    test.describe('signed out', () => {
      test.use({ signedIn: false, expectedStatus: [401] })
      test('the sign-in page', async ({ page }) => {
        await page.goto('/cweb/')
        await expect(page.getByLabel('Login')).toBeVisible()
        await expectAccessible(page)
      })
    })
  })
}
