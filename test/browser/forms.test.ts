/** Forms of every kind of field in a browser: without JavaScript, filled with nonsense, looked at by axe, and sent twice. */
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import axe, { type AxeResults } from 'axe-core'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { startApp, type TestApp } from '../support/app.ts'
import { chromiumPath } from '../support/services.ts'

const path = await chromiumPath()
const LOOKS = [
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 390 },
] as const
const WRONG = {
  order: ['title', 'mail', 'page', 'count', 'price', 'tags'],
  shipment: ['mail', 'lines[0].amount'],
} as const
const STATES = [
  ...[['order', 'empty'] as const, ['order', 'wrong'] as const],
  ...[['shipment', 'empty'] as const, ['shipment', 'wrong'] as const],
]
/** Where to keep pictures for people to look at; nowhere by default. */
const PICTURES = process.env['HOLDFAST_TEST_PICTURES']

describe('a form in a browser', { skip: 'skip' in path && path.skip, timeout: 300_000 }, () => {
  let browser: Browser
  let app: TestApp
  before(async () => {
    app = await startApp()
    browser = await chromium.launch({ executablePath: 'url' in path ? path.url : '', args: ['--no-sandbox'] })
  })
  after(async () => {
    await browser?.close()
    await app?.[Symbol.asyncDispose]()
  })

  async function open(where: string, options: BrowserContextOptions = { javaScriptEnabled: false }): Promise<Page> {
    const page = await (await browser.newContext({ baseURL: app.origin, ...options })).newPage()
    await page.goto(where)
    return page
  }
  const send = async (page: Page) => {
    const loaded = page.waitForEvent('load')
    await page.getByRole('button', { name: 'Send' }).click()
    await loaded
  }

  it('works without JavaScript, and gives back what was typed but the password', async () => {
    const page = await open('/order')
    await page.getByLabel('Title').fill('  ')
    await page.getByLabel('Notes').fill('two\nlines')
    await page.getByLabel('Password').fill('open sesame')
    await page.getByLabel('How many').fill('1e3')
    await page.getByLabel('Small').check()
    await page.getByLabel('Blue').check()
    await page.getByLabel('Tags 2').fill('quiet')
    await send(page)
    assert.deepEqual(await page.locator('[role=alert] li').allInnerTexts(), [
      'Give it a title.',
      '“How many”: write a number in digits, such as 12.',
      'Tick “I agree”.',
    ])
    assert.equal(await page.getByLabel('Notes').inputValue(), 'two\nlines')
    assert.equal(await page.getByLabel('How many').inputValue(), '1e3')
    assert.equal(await page.getByLabel('Password').inputValue(), '')
    assert.deepEqual([await page.getByLabel('Small').isChecked(), await page.getByLabel('Blue').isChecked()], [true, true])
    assert.equal(await page.locator('#title:focus').count(), 1, 'the first that is wrong has the focus')
    assert.equal(await page.getByLabel('How many').getAttribute('aria-invalid'), 'true')
    const said = (await page.getByLabel('How many').getAttribute('aria-describedby'))!
    assert.match(await page.locator(`#${said}`).innerText(), /write a number/)

    await page.locator('[role=alert] a', { hasText: 'number' }).click()
    assert.equal(new URL(page.url()).hash, '#count')
    await page.getByLabel('Title').fill('Herons')
    await page.getByLabel('How many').fill('3')
    await page.getByLabel('I agree').check()
    await page.getByLabel('Day').fill('2026-12-24')
    await send(page)
    const { title, notes, count, extras, tags, day } = JSON.parse(await page.locator('body').innerText()) as Record<
      string,
      unknown
    >
    assert.deepEqual([title, notes, count, extras, tags, day], ['Herons', 'two\nlines', 3, ['blue'], ['quiet'], '2026-12-24'])
    await page.context().close()
  })

  it('is passed by axe in light and dark, wide and narrow, with and without errors', async () => {
    const problems: string[] = []
    if (PICTURES) mkdirSync(PICTURES, { recursive: true })
    for (const [name, state] of STATES) {
      const page = await open(`/${name}`, { bypassCSP: true })
      if (state === 'wrong') {
        for (const id of WRONG[name]) await page.locator(`[id="${id}"]`).fill('not one of them')
        if (name === 'order') for (const label of ['Red', 'Blue', 'Green']) await page.getByLabel(label).check()
        await send(page)
      }
      for (const { colorScheme, width } of LOOKS) {
        await page.emulateMedia({ colorScheme })
        await page.setViewportSize({ width, height: 900 })
        if (await page.evaluate('document.documentElement.scrollWidth > innerWidth'))
          problems.push(`${name}, ${state} at ${width}: too wide`)
        if (await page.evaluate(`typeof axe === 'undefined'`)) await page.evaluate(axe.source)
        const { violations } = await page.evaluate<AxeResults>(`axe.run(document, { resultTypes: ['violations'] })`)
        for (const { id, nodes } of violations)
          problems.push(`${name}, ${state}, ${colorScheme}: ${id}: ${nodes.map(({ html }) => html).join(' ')}`)
        if (PICTURES) await page.screenshot({ path: `${PICTURES}/${name}-${state}-${colorScheme}.png`, fullPage: true })
      }
      await page.context().close()
    }
    assert.deepEqual(problems, [])
  })

  it('by a schema alone is filled in by keyboard, without JavaScript, with what is nested and a list that grows', async () => {
    const page = await open('/shipment')
    // As people do who have no mouse: from one field to the next, a list by its letter, a box by the space bar.
    const type = async (...texts: readonly string[]) => {
      for (const text of texts) {
        await page.keyboard.press('Tab')
        await page.keyboard.type(text)
      }
    }
    await page.getByLabel('Who gets it').focus()
    await page.keyboard.type('Mira')
    await type('mira', 'four', 'By the weir 1', 'Kiel', 'g', ' ', ' ', 'A heron', '0')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').waitFor()
    assert.deepEqual(await page.locator('[role=alert] li').allInnerTexts(), [
      '“Mail”: write an address such as mira@example.org.',
      '“Amount”: 1 or more.',
    ])
    const amount = page.getByRole('group', { name: 'Lines 1' }).getByLabel('Amount')
    assert.deepEqual([await amount.inputValue(), await amount.getAttribute('aria-invalid')], ['0', 'true'])
    assert.equal(await page.getByLabel('Pickup password').inputValue(), '')
    assert.equal(await page.getByRole('group', { name: 'Address' }).getByLabel('City').inputValue(), 'Kiel')
    assert.equal(await page.locator('#mail:focus').count(), 1, 'the first that is wrong has the focus')
    await page.locator('[role=alert] a', { hasText: 'Amount' }).click()
    assert.equal(await amount.evaluate((element) => element.matches(':target')), true)

    await page.getByLabel('Mail').fill('mira@example.org')
    await amount.fill('2')
    await page.getByRole('group', { name: 'Lines 2' }).getByLabel('What').fill('A reed')
    await page.getByRole('group', { name: 'Lines 2' }).getByLabel('Amount').fill('30')
    await send(page)
    assert.deepEqual(JSON.parse(await page.locator('body').innerText()), {
      ...{ to: 'Mira', mail: 'mira@example.org', address: { street: 'By the weir 1', city: 'Kiel', country: 'de' } },
      ...{ speed: 'slow', gift: true },
      lines: [
        { what: 'A heron', amount: 2 },
        { what: 'A reed', amount: 30 },
      ],
    })
    await page.context().close()
  })

  it('is done once when somebody presses the button twice, and when they reload what came of it', async () => {
    app.state.forms.accepted.length = 0
    const page = await open('/payment')
    await page.getByLabel('To').fill('Mira')
    await page.getByRole('button', { name: 'Send' }).dblclick()
    await page.locator('body', { hasText: /done once|"to":"Mira"/ }).waitFor()
    assert.equal(app.state.forms.accepted.length, 1)
    await page.reload()
    assert.match(await page.getByRole('alert').innerText(), /is done once/)
    assert.equal(app.state.forms.accepted.length, 1)
    await page.context().close()
  })

  it('leads through its steps and back, and keeps what was typed', async () => {
    const page = await open('/booking')
    const press = async (name: string) => {
      const loaded = page.waitForEvent('load')
      await page.getByRole('button', { name, exact: true }).click()
      await loaded
    }
    await page.getByLabel('Name').fill('Mira')
    await page.getByLabel('Guests').fill('2')
    await page.getByLabel('Guests').press('Enter')
    await page.getByLabel('Notes').fill('By the window.')
    await press('Back')
    assert.equal(await page.getByLabel('Name').inputValue(), 'Mira')
    await press('Next')
    assert.equal(await page.getByLabel('Notes').inputValue(), 'By the window.')
    await page.getByLabel('Day').fill('2026-12-24')
    await press('Send')
    assert.match(await page.locator('body').innerText(), /"name":"Mira","guests":2.*"day":"2026-12-24"/)
    await page.context().close()
  })
})
