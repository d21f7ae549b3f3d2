import AxeBuilder from '@axe-core/playwright'
import { expect, expectNoSidewaysScroll, type Page, test } from '../fixtures'

const LIST = '/cweb/i/default/switches'
const ONE = `${LIST}/pbx1`
const TABS = [
  'calls',
  'registrations',
  'sip',
  'callcenter',
  'conferences',
  'modules',
  'changes',
  'log',
  'console',
  'doctor',
]

const status = (page: Page) => page.locator('p[role=status]')
const call = (page: Page, name: string) => page.getByRole('row', { name })
const shownTab = (page: Page) =>
  page.getByRole('navigation', { name: 'Parts of the switch' }).locator('[aria-current=page]')

test('the overview leads to a switch, and the list shows how each is', async ({ page }) => {
  await page.goto('/cweb/')
  const tiles = page.getByRole('region', { name: 'Switches' })
  await expect(
    tiles.getByRole('link', { name: /pbx1.*live.*answered legs.*registrations/ }),
  ).toBeVisible()
  await page.getByRole('link', { name: 'Switches', exact: true }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Switches' })).toBeVisible()
  const one = page.getByRole('article', { name: 'pbx1.example.com' })
  await expect(one).toContainText('live')
  await expect(one).toContainText('127.0.0.1:8021')
  await expect(one).toContainText('default')
  await expect(one.getByRole('button', { name: 'Remove' })).toBeHidden()
  await one.getByRole('link', { name: 'pbx1.example.com' }).click()
  await expect(page).toHaveURL(/\/switches\/pbx1$/)
  await expect(shownTab(page)).toHaveText('Calls')
})

test('a switch that is away says what is in the way, and what to do', async ({ page }) => {
  await page.goto(LIST)
  const one = page.getByRole('article', { name: 'pbx2.example.com' })
  await expect(one).toContainText('away')
  await expect(one).toContainText('FreeSWITCH does not take the password')
  await expect(one).toContainText('What to do: set freeswitch.esl.pass')
  await expect(one).toContainText('What is shown of it is from')
  await one.getByRole('button', { name: 'Connect now' }).click()
  await expect(one.getByRole('status')).toHaveText('Under way.')
  await one.getByRole('link', { name: 'pbx2.example.com' }).click()
  await expect(page.getByText('What to do: set freeswitch.esl.pass')).toBeVisible()
  await expect(
    page.getByRole('heading', { name: 'Nothing is known of this switch.' }),
  ).toBeVisible()
})

test.describe('another switch', () => {
  test.use({ expectedStatus: [400] })
  test('is added and removed', async ({ page }) => {
    await page.goto(LIST)
    await page.getByRole('button', { name: 'Add a switch' }).click()
    const dialog = page.getByRole('dialog', { name: 'Add a switch' })
    await dialog.getByRole('button', { name: 'Add', exact: true }).click()
    await expect(dialog.getByRole('alert')).toHaveText(/^Enter name, host/)
    await dialog.getByLabel('Name').fill('pbx3')
    await dialog.getByLabel('Host').fill('not a host')
    await dialog.getByLabel('Password').fill('secret')
    await dialog.getByRole('button', { name: 'Add', exact: true }).click()
    await expect(dialog.getByRole('alert')).toContainText('`host` is the address')
    await dialog.getByLabel('Host').fill('192.0.2.9')
    await dialog.getByLabel('Host').press('Enter')
    await expect(dialog).toBeHidden()
    const one = page.getByRole('article', { name: 'pbx3' })
    await expect(one).toContainText('192.0.2.9:8021')
    await one.getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await expect(one).toBeHidden()
  })
})

test('calls tick, and are hung up after a question; the stream says that they ended', async ({
  page,
}) => {
  await page.goto(ONE)
  const alice = call(page, 'Alice Arnold')
  const lasts = alice.getByRole('cell').nth(3)
  await expect(lasts).toHaveText(/^\d+:\d\d$/)
  const before = (await lasts.textContent()) ?? ''
  await expect(lasts).not.toHaveText(before, { timeout: 3_000 })

  await alice.getByRole('button', { name: 'Hang up' }).click()
  const question = page.getByRole('dialog', { name: 'Hang up this call?' })
  await expect(question).toContainText('Alice Arnold')
  await question.getByRole('button', { name: 'Cancel' }).click()
  await expect(alice).toBeVisible()

  // Nothing is asked for again: what takes the call away is pushed.
  const asked: string[] = []
  page.on('request', (request) => {
    if (request.url().includes('/live/')) asked.push(request.url())
  })
  await alice.getByRole('button', { name: 'Hang up' }).click()
  await question.getByRole('button', { name: 'Hang up' }).click()
  await expect(alice).toBeHidden()
  await expect(call(page, 'Carol Clark')).toBeVisible()
  await expect(status(page).first()).toContainText('+OK')
  expect(asked).toEqual([])
})

test('a call shows its legs, by keys only; hostile names are text', async ({ page }) => {
  await page.goto(`${ONE}?q=img`)
  const hostile = call(page, '<img src=x onerror=')
  await expect(hostile).toBeVisible()
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Call' })
  await expect(dialog.getByRole('heading', { level: 3 })).toHaveCount(2)
  await expect(dialog).toContainText('"><script>window.hacked=1</script>')
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  expect(await page.evaluate(() => 'hacked' in window)).toBe(false)
})

test.describe('what is done with a call', () => {
  test.use({ expectedStatus: [400, 409] })

  test('hold, transfer and park', async ({ page }) => {
    await page.goto(ONE)
    await call(page, 'Grace Green').getByRole('button', { name: 'Grace Green' }).press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Call' })
    const grace = dialog.getByRole('region', { name: 'sofia/internal/1009@example.com' })
    await grace.getByRole('button', { name: 'Hold' }).click()
    await expect(grace).toContainText('HELD')
    await expect(dialog.getByRole('status')).toContainText('call.hold')
    await grace.getByRole('button', { name: 'Unhold' }).click()
    await expect(grace).toContainText('ACTIVE')

    const opener = dialog.getByRole('button', { name: 'Transfer' })
    await opener.click()
    const form = dialog.getByRole('form', { name: 'Transfer' })
    await expect(form.getByLabel('Destination')).toBeFocused()
    await page.keyboard.press('Enter')
    await expect(form.getByRole('alert')).toContainText('Enter the number')
    await form.getByLabel('Destination').fill('not a number')
    await page.keyboard.press('Enter')
    await expect(dialog.getByRole('status')).toContainText('destination of call.transfer: must be')
    await form.getByRole('radio', { name: 'both' }).check()
    await form.getByLabel('Destination').fill('3000')
    await form.getByLabel('Context').fill('public')
    const asked = page.waitForRequest(/call\.transfer$/)
    await page.keyboard.press('Enter')
    expect((await asked).postDataJSON()).toEqual({
      uuid: '5f2b1c9e-0000-4000-8000-000000000008',
      leg: '-both',
      destination: '3000',
      context: 'public',
    })
    await expect(form).toBeHidden()
    await expect(opener).toBeFocused()
    await expect(grace).toContainText('3000')

    await grace.getByRole('button', { name: 'Park' }).click()
    const question = page.getByRole('dialog', { name: 'Park this leg?' })
    await question.getByRole('button', { name: 'Park' }).click()
    await expect(question).toBeHidden()
    await expect(grace).toContainText('park')
  })

  test('somebody listens in, and it is recorded', async ({ page }) => {
    await page.goto(`${ONE}?q=3000`)
    await call(page, '+4930901820').getByRole('button', { name: 'A very long' }).click()
    const dialog = page.getByRole('dialog', { name: 'Call' })
    await dialog.getByRole('button', { name: 'Listen in' }).click()
    const listen = dialog.getByRole('form', { name: 'Listen in' })
    await listen.getByLabel('Whose telephone rings').fill('nobody')
    await page.keyboard.press('Enter')
    await expect(dialog.getByRole('status')).toContainText('-ERR USER_NOT_REGISTERED')
    await listen.getByLabel('Whose telephone rings').fill('1000@example.com')
    await listen.getByRole('radio', { name: /^only/ }).check()
    const asked = page.waitForRequest(/call\.eavesdrop$/)
    await page.keyboard.press('Enter')
    expect((await asked).postDataJSON()).toMatchObject({
      mode: 'whisper-b',
      endpoint: 'user/1000@example.com',
    })
    await expect(listen).toBeHidden()
    // Whoever listens is remembered.
    await dialog.getByRole('button', { name: 'Listen in' }).click()
    await expect(listen.getByLabel('Whose telephone rings')).toHaveValue('1000@example.com')
    await dialog.getByRole('button', { name: 'Record' }).click()
    await expect(listen).toBeHidden()
    const record = dialog.getByRole('form', { name: 'Record' })
    await expect(record.getByLabel('File')).toHaveValue(/^\/var\/lib.*\.wav$/)
    await record.getByRole('button', { name: 'Do it' }).click()
    await expect(dialog.getByRole('status')).toContainText(/call\.record .* start .*\+OK/)
  })
})

test('where the stream knows nobody, the rows are asked for', async ({ page }) => {
  await page.routeWebSocket('/ws', (socket) => {
    socket.onMessage(() =>
      socket.send(JSON.stringify({ MessageType: 'connection', no_token: true })),
    )
  })
  const asked = page.waitForRequest(/\/live\/channels$/)
  await page.goto(ONE)
  await asked
  const carol = call(page, 'Carol Clark')
  await carol.getByRole('button', { name: 'Hang up' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Hang up' }).click()
  await expect(carol).toBeHidden({ timeout: 4_000 })
})

test.describe('a server that goes away', () => {
  test('leaves what was read, and says how old it is', async ({ page }) => {
    await page.routeWebSocket('/ws', (socket) => {
      socket.onMessage(() =>
        socket.send(JSON.stringify({ MessageType: 'connection', no_token: true })),
      )
    })
    await page.goto(`${ONE}?tab=modules`)
    await expect(page.getByText('mod_sofia', { exact: true })).toBeVisible()
    await page.route('**/live/**', (route) => route.fulfill({ status: 200, body: '<html>' }))
    await expect(page.getByText(/^Not kept up to date\. Shown as of/)).toBeVisible({
      timeout: 10_000,
    })
    await expect(page.getByText('mod_sofia', { exact: true })).toBeVisible()
  })
})

test('registrations are filtered, and the filter is in the URL', async ({ page }) => {
  await page.goto(`${ONE}?tab=registrations`)
  await expect(page.getByText('500 registrations')).toBeVisible()
  await page.keyboard.press('/')
  await page.keyboard.type('1042@')
  await expect(page.getByText('1 registration', { exact: true })).toBeVisible()
  await expect(page).toHaveURL(/tab=registrations&q=1042%40/)
  await page.reload()
  await expect(page.getByText('1 registration', { exact: true })).toBeVisible()
})

test.describe('profiles', () => {
  test.use({ expectedStatus: [409] })
  test('say whose calls would end before they are restarted', async ({ page }) => {
    await page.goto(`${ONE}?tab=sip`)
    const internal = page.getByRole('row', { name: /^internal RUNNING/ })
    await internal.getByRole('button', { name: 'Rescan' }).click()
    await expect(status(page).first()).toHaveText(/sofia.rescan internal.*\+OK/)
    await internal.getByRole('button', { name: 'Restart' }).click()
    const question = page.getByRole('dialog', { name: 'Restart this profile?' })
    await expect(question).toContainText('500 registrations are lost.')
    await question.getByRole('button', { name: 'Restart' }).click()
    await expect(question).toBeHidden()
    await page
      .getByRole('row', { name: /^internal-ipv6/ })
      .getByRole('button')
      .click()
    await expect(page.getByRole('row', { name: /^internal-ipv6 RUNNING/ })).toBeVisible()
    await page.getByLabel('A profile that is configured').fill('nowhere')
    await page.getByLabel('A profile that is configured').press('Enter')
    await expect(status(page).first()).toContainText('-ERR Failure starting nowhere')
  })
})

test.describe('modules', () => {
  test.use({ expectedStatus: [409] })
  test('are loaded, reloaded and unloaded, and say what ends', async ({ page }) => {
    await page.goto(`${ONE}?tab=modules`)
    const sofia = page.getByRole('row', { name: /^mod_sofia/ })
    await sofia.getByRole('button', { name: 'Reload' }).click()
    const reload = page.getByRole('dialog', { name: 'Reload this module?' })
    await expect(reload).toContainText(/\d+ legs of calls end\. 500 registrations are lost\./)
    await reload.getByRole('button', { name: 'Reload' }).click()
    await expect(status(page).first()).toHaveText(/module.reload mod_sofia.*\+OK/)

    // By keys only, from the row.
    await page.getByRole('button', { name: 'mod_event_socket' }).press('Enter')
    const one = page.getByRole('dialog', { name: 'mod_event_socket' })
    await one.getByRole('button', { name: 'Unload' }).press('Enter')
    const unload = page.getByRole('dialog', { name: 'Unload this module?' })
    await expect(unload).toContainText('This switch is reached by it')
    await page.keyboard.press('Escape')
    await expect(unload).toBeHidden()

    await page
      .getByRole('row', { name: /^mod_verto/ })
      .getByRole('button', { name: 'Unload' })
      .click()
    await expect(unload).toContainText('Nobody is interrupted, as things are now.')
    await unload.getByRole('button', { name: 'Unload' }).click()
    await expect(page.getByRole('row', { name: /^mod_verto/ })).toBeHidden()

    await page.getByRole('button', { name: 'Load a module' }).click()
    const load = page.getByRole('dialog', { name: 'Load a module' })
    await load.getByLabel('Module').press('Enter')
    await expect(load.getByRole('alert')).toHaveText('Enter the name of a module.')
    await load.getByLabel('Module').fill('missing')
    await load.getByLabel('Module').press('Enter')
    await expect(status(page).first()).toContainText('-ERR [dso_load error]')
    await page.getByRole('button', { name: 'Load a module' }).click()
    await load.getByLabel('Module').fill('mod_verto')
    await load.getByLabel('Module').press('Enter')
    await expect(page.getByRole('row', { name: /^mod_verto/ })).toBeVisible()
  })
})

test.describe('agents', () => {
  test.use({ expectedStatus: [409] })
  test('get another status or state, and show what the switch says', async ({ page }) => {
    await page.goto(`${ONE}?tab=callcenter`)
    const agent = page.getByRole('row', { name: /^1001@default/ })
    await agent.getByLabel('Status of 1001@default').selectOption('Available')
    await expect(status(page).first()).toContainText(/1001@default Available.*OK/)
    await expect(agent.getByLabel('Status of')).toHaveValue('Available')
    const asked = page.waitForRequest(/callcenter\.agent\.state$/)
    await agent.getByLabel('State of 1001@default').selectOption('Idle')
    expect((await asked).postDataJSON()).toEqual({ agent: '1001@default', state: 'Idle' })
    await expect(agent.getByLabel('State of')).toHaveValue('Idle')
    await expect(status(page).first()).toContainText(/callcenter.agent.state 1001@default Idle.*OK/)
    await page.getByLabel('State of 1002@default').selectOption('Waiting')
    await expect(status(page).first()).toContainText('-ERR Agent not found!')
    await expect(page.getByLabel('State of 1002@default')).toHaveValue('Idle')
  })
})

test('conferences and their members follow what is told', async ({ page }) => {
  await page.goto(`${ONE}?tab=conferences`)
  const conference = page.getByRole('heading', { name: '3000-example.com' })
  await conference.getByRole('button', { name: 'Lock' }).click()
  await expect(conference).toContainText('locked')
  await conference.getByRole('button', { name: 'Unlock' }).click()
  await expect(conference).not.toContainText('locked')
  const frank = page.getByRole('row', { name: 'Frank Foster' })
  await frank.getByRole('button', { name: 'Unmute' }).click()
  await expect(frank.getByRole('button', { name: 'Mute', exact: true })).toBeVisible()
  const asked = page.waitForRequest(/conference\.member$/)
  await frank.getByRole('button', { name: 'Deaf' }).click()
  expect((await asked).postDataJSON()).toEqual({
    conference: '3000-example.com',
    action: 'deaf',
    member: '12',
  })
  await expect(frank).toContainText('deaf')
  await frank.getByRole('button', { name: 'Undeaf' }).click()
  await expect(frank.getByRole('button', { name: 'Deaf', exact: true })).toBeVisible()
  await frank.getByRole('button', { name: 'Kick' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Kick' }).click()
  await expect(frank).toBeHidden()
})

test('the console prints, shows errors, and brings back what was typed', async ({ page }) => {
  await page.goto(`${ONE}?tab=console`)
  const input = page.getByLabel('Command for the switch')
  const output = page.getByRole('log')
  await input.fill('status')
  await input.press('Enter')
  await expect(output).toContainText('FreeSWITCH (Version 1.10.12) is ready')
  await input.fill('nonsense')
  await input.press('Enter')
  await expect(output).toContainText('-ERR nonsense Command not found!')
  await input.fill('half')
  await input.press('ArrowUp')
  await expect(input).toHaveValue('nonsense')
  await input.press('ArrowUp')
  await expect(input).toHaveValue('status')
  await input.press('ArrowUp')
  await expect(input).toHaveValue('sofia status')
  for (let i = 0; i < 3; i++) await input.press('ArrowDown')
  await expect(input).toHaveValue('half')
})

test('the doctor says what to do, and takes over what the switch has', async ({ page }) => {
  await page.goto(`${ONE}?tab=doctor`)
  const check = page.getByRole('listitem').filter({ hasText: 'mod_xml_curl' })
  await expect(check).toContainText('bad')
  await expect(check).toContainText('put the snippet into')
  await expect(page.getByText('<binding name="custompbx"/>')).toBeHidden()
  await page.getByText('xml_curl.conf.xml', { exact: true }).click()
  await expect(page.getByText('<binding name="custompbx"/>')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Copy event_socket' })).toBeVisible()
  await page.getByRole('button', { name: 'Dialplan', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Take over' }).click()
  await expect(page.getByText('3 elements were added. Revision 13.')).toBeVisible()
  await expect(page.getByText('dialplan: 3 added')).toBeVisible()
  await expect(page.getByText('custompbx import /etc/freeswitch')).toBeVisible()
  await page.getByText('2 were left out').click()
  await expect(page.getByText('<img src=x onerror="window.hacked=1">')).toBeVisible()
})

test('a switch that is not there', async ({ page }) => {
  await page.goto(`${LIST}/nowhere`)
  await expect(page.getByRole('heading', { name: 'There is no such switch.' })).toBeVisible()
})

test.describe('on a telephone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true })
  test('every page fits, and what is touched is large enough', async ({ page }) => {
    test.slow()
    for (const path of ['/cweb/i/default', LIST, ...TABS.map((tab) => `${ONE}?tab=${tab}`)]) {
      await page.goto(path)
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      await page.waitForTimeout(300)
      await expectNoSidewaysScroll(page)
      for (const control of await page.getByRole('button').or(page.getByRole('combobox')).all()) {
        const box = await control.boundingBox()
        // What opens a row reaches over the whole row.
        if (!box || (await control.getAttribute('data-row')) !== null) continue
        const size = Math.min(box.width, box.height)
        expect(size, `${path}: ${await control.innerHTML()}`).toBeGreaterThanOrEqual(44)
      }
    }
  })
})

async function expectAccessible(page: Page, what: string): Promise<void> {
  const axe = new AxeBuilder({ page }).options({ resultTypes: ['violations'] })
  const { violations } = await axe.analyze()
  const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  expect(grave.map(({ id, nodes }) => [what, id, nodes.map((node) => node.html)])).toEqual([])
}

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme })
    test('the pages of switches are accessible', async ({ page }) => {
      test.slow()
      for (const path of [LIST, ...TABS.map((tab) => `${ONE}?tab=${tab}`)]) {
        await page.goto(path)
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
        await page.waitForTimeout(300)
        await expectAccessible(page, path)
      }
    })

    test('what is done there is accessible', async ({ page }) => {
      await page.goto(`${ONE}?q=img`)
      await call(page, '<img src=x onerror=').getByRole('button').first().press('Enter')
      const dialog = page.getByRole('dialog', { name: 'Call' })
      for (const form of ['Transfer', 'Listen in', 'Record']) {
        await dialog.getByRole('button', { name: form }).click()
        await expect(dialog.getByRole('form', { name: form })).toBeVisible()
        await expectAccessible(page, form)
      }
    })
  })
}
