import AxeBuilder from '@axe-core/playwright'
import { expect, expectNoSidewaysScroll, type Page, test } from '../fixtures'

const CHANGES = '/cweb/i/default/switches/pbx1?tab=changes'

const offersOf = (page: Page) => page.getByRole('table', { name: 'Waiting for somebody' })
const effectsOf = (page: Page) => page.getByRole('table', { name: 'What changes came to' })
const status = (page: Page) => page.locator('p[role=status]')
const revision = (page: Page) => page.getByRole('dialog', { name: /^Revision \d+$/ })

test('an effect leads to its revision, and that to what it changed', async ({ page }) => {
  await page.goto(CHANGES)
  const effect = effectsOf(page).getByRole('row', { name: 'reloadxml' })
  const link = effect.getByRole('link', { name: /^Revision 12/ })
  await link.click()
  await expect(page).toHaveURL(/tab=changes&revision=12$/)
  const dialog = revision(page)
  await expect(dialog).toContainText('PUT configuration/sofia.conf/profiles/internal')
  await expect(dialog).toContainText('<img src=x onerror="window.hacked=1">')
  await expect(dialog).toContainText('· rest')
  await expect(dialog).toContainText('4 more are not shown.')
  await expect(dialog).toContainText('pbx1reloadxmldone')
  const password = dialog.getByRole('listitem').filter({ hasText: 'params/password' })
  await expect(password).toContainText('Before••••••••')
  await expect(password).not.toContainText('secret')
  await password.getByRole('button', { name: 'Reveal password' }).last().click()
  await expect(password).toContainText('new-secret')
  // What is gone leads nowhere.
  const gone = dialog.getByRole('listitem').filter({ hasText: 'removed' })
  await expect(gone.getByRole('link')).toHaveCount(0)

  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await expect(page).toHaveURL(/tab=changes$/)
  await expect(link).toBeFocused()
  await link.press('Enter')
  await dialog.getByRole('link', { name: 'directory/domains/example.com/users/1000' }).click()
  await expect(page.getByRole('heading', { level: 1, name: '1000' })).toBeVisible()
  await page.goBack()
  await expect(dialog).toBeVisible()
  expect(await page.evaluate(() => 'hacked' in window)).toBe(false)
})

test.describe('a revision that is not there', () => {
  test.use({ expectedStatus: [404] })
  test('says so', async ({ page }) => {
    await page.goto(`${CHANGES}&revision=99`)
    await expect(revision(page).getByRole('alert')).toContainText('It is not there')
  })
})

test.describe('offers', () => {
  test.use({ expectedStatus: [503] })
  test('say what they interrupt, and are run after a question, or dismissed', async ({ page }) => {
    await page.goto(CHANGES)
    const restart = offersOf(page).getByRole('row', { name: 'sofia profile internal restart' })
    const lost = '4 legs of calls end. 500 registrations are lost.'
    await expect(restart).toContainText(lost)
    await restart.getByRole('button', { name: 'Run' }).click()
    const question = page.getByRole('dialog', { name: 'Run this now?' })
    await expect(question).toContainText('sofia profile internal restart')
    await expect(question).toContainText(lost)
    await question.getByRole('button', { name: 'Cancel' }).click()
    await expect(restart).toBeVisible()

    // A switch that is away is told nothing; the question stays and says why.
    const away = { title: 'Service unavailable', detail: 'it is not connected' }
    await page.route('**/accept', (route) => route.fulfill({ status: 503, json: away }))
    await restart.getByRole('button', { name: 'Run' }).click()
    await question.getByRole('button', { name: 'Run' }).click()
    await expect(question.getByRole('alert')).toContainText('it is not connected')
    await page.unroute('**/accept')
    await question.getByRole('button', { name: 'Run' }).click()
    await expect(question).toBeHidden()
    await expect(status(page).first()).toContainText('sofia profile internal restart')
    await expect(
      effectsOf(page).getByRole('row', { name: /internal restart done \+OK/ }),
    ).toBeVisible()
    await expect(restart).toBeHidden()

    await offersOf(page)
      .getByRole('row', { name: 'reload mod_avmd' })
      .getByRole('button', { name: 'Dismiss' })
      .click()
    await expect(status(page).first()).toContainText('Dismissed.')
    await expect(
      effectsOf(page).getByRole('row', { name: /reload mod_avmd dismissed/ }),
    ).toBeVisible()
    await expect(page.getByText('Nothing waits.')).toBeVisible()
  })
})

test('on a telephone a revision fits', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto(`${CHANGES}&revision=12`)
  await expect(revision(page)).toContainText('What it changed')
  await expectNoSidewaysScroll(page)
  const wide = await revision(page).evaluate((dialog) =>
    Math.max(...[...dialog.children].map((part) => part.scrollWidth - part.clientWidth)),
  )
  expect(wide).toBeLessThanOrEqual(0)
})

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme })
    test('a revision is accessible', async ({ page }) => {
      await page.goto(`${CHANGES}&revision=12`)
      await expect(revision(page)).toContainText('What it changed')
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
    })
  })
}
