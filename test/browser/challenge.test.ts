/** The work that a form asks for, in a real browser: under the policy of the page, with a script, and without. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { chromium, type Browser, type Page } from 'playwright-core'
import { PASSWORD, startApp, type TestApp } from '../support/app.ts'
import { chromiumPath } from '../support/services.ts'

const LATE = { timeout: 60_000 }

async function fillIn(page: Page, password = PASSWORD): Promise<void> {
  await page.locator('#login').fill('victim')
  await page.locator('#password').fill(password)
}

async function press(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

const browserPath = await chromiumPath()

await describe('work that a form asks for', { skip: 'skip' in browserPath ? browserPath.skip : false, timeout: 300_000 }, () => {
  let [app, browser] = [undefined as unknown as TestApp, undefined as unknown as Browser]
  before(async () => {
    const signIn = { challenge: { when: 'always', difficulty: 12 } } as const
    const headers = { trustedTypes: 'enforce' } as const
    app = await startApp({ options: { signIn, headers } })
    await app.signIn('member', 'victim')
    if ('url' in browserPath) browser = await chromium.launch({ executablePath: browserPath.url, args: ['--no-sandbox'] })
  })
  after(async () => {
    await browser?.close()
    await app?.[Symbol.asyncDispose]()
  })

  it('is done while the form is filled in, and breaks no policy', async () => {
    const context = await browser.newContext({ baseURL: app.origin })
    const page = await context.newPage()
    const said: string[] = []
    page.on('console', (message) => {
      // Chromium asks for an icon at a moment of its own, and there is none.
      if (!message.location().url.endsWith('/favicon.ico')) said.push(message.text())
    })
    page.on('pageerror', (error) => said.push(error.message))
    await page.goto('/login')
    await page.getByText('Your browser has done it.').waitFor(LATE)
    await fillIn(page, 'not the right password')
    await press(page)
    await page.getByText('The name or the password is not right.').first().waitFor(LATE)
    // The form that comes back asks anew. Sent at once, it goes when the work is done.
    await fillIn(page)
    await press(page)
    await page.waitForURL((url) => url.pathname !== '/login', LATE)
    // The status of the wrong guess is said by the browser itself.
    assert.deepEqual(
      said.filter((text) => !text.includes('401')),
      [],
    )
    const known = (await context.cookies()).find(({ name }) => name === 'hf_known_localhost')
    assert.ok(known?.httpOnly)
    await context.close()
  })

  it('is waited for without JavaScript, and the page says so', async () => {
    const context = await browser.newContext({ baseURL: app.origin, javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto('/login')
    assert.match(await page.content(), /wait for a minute/)
    await fillIn(page)
    const [answer] = await Promise.all([page.waitForResponse((one) => one.request().method() === 'POST', LATE), press(page)])
    assert.equal(answer.status(), 403)
    await page.waitForLoadState()
    await page.locator('noscript p').waitFor(LATE)
    app.clock.advance(61_000)
    await fillIn(page)
    await press(page)
    await page.waitForURL((url) => url.pathname !== '/login', LATE)
    await context.close()
  })
})
