/**
 * Sign-in by a provider of another site, in a real browser and without JavaScript: which cookies go along, what the content policy lets
 * through, and that nobody is left on a page on the way.
 */
import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { after, before, describe, it } from 'node:test'
import axe, { type AxeResults } from 'axe-core'
import { chromium, type Browser, type Page } from 'playwright-core'
import { PASSWORD, startApp, type TestApp } from '../support/app.ts'
import { lyingProvider, type LyingProvider } from '../support/provider.ts'
import { enrol, STEP } from '../support/second-factor.ts'
import { chromiumPath } from '../support/services.ts'

const path = await chromiumPath()

describe('sign-in by a provider in a browser', { skip: 'skip' in path ? path.skip : false, timeout: 120_000 }, () => {
  let [browser, idp] = [undefined as unknown as Browser, undefined as unknown as LyingProvider]
  before(async () => {
    browser = await chromium.launch({ executablePath: 'url' in path ? path.url : '', args: ['--no-sandbox'] })
    // `127.0.0.1` and `localhost` are two sites to a browser.
    idp = await lyingProvider('127.0.0.1')
    idp.lies = {
      discovery: (honest) => ({ ...honest, end_session_endpoint: `${idp.issuer}/end` }),
      answer: { '/authorize': (request, response) => consent(idp, request, response), '/end': farewell },
    }
  })
  after(async () => {
    await browser?.close()
    await idp?.close()
  })

  /** Whatever comes of the test, it is closed: what stays open would hold up the process. */
  async function open(test: { after(work: () => Promise<void>): void }, responseMode: 'query' | 'form_post' = 'query') {
    const provider = { ...idp.configured({ signOutThere: true }), responseMode }
    const app = await startApp({ options: { signIn: { providers: { idp: provider } } } })
    test.after(async () => await app[Symbol.asyncDispose]())
    const ada = await app.signIn('admin', 'ada')
    const identity = { provider: 'idp', issuer: idp.issuer, subject: 'person-1', shown: 'person@example.org', strong: false }
    await app.holdfast.accounts.identities.link(ada.userId, identity, { kind: 'system', id: 'test' })
    const context = await browser.newContext({ baseURL: app.origin, javaScriptEnabled: false })
    test.after(async () => await context.close())
    context.setDefaultTimeout(20_000)
    return { app, ada, page: await context.newPage() }
  }

  async function throughProvider(page: Page): Promise<void> {
    await page.goto('/login?next=%2Fme')
    await page.getByRole('button', { name: 'Continue with Example ID' }).click()
    await page.waitForURL(`${idp.issuer}/authorize*`)
    await page.locator('#allow').click()
  }

  const signedIn = async (page: Page, app: TestApp) => {
    await page.waitForURL(`${app.origin}/me`)
    return (JSON.parse(await page.locator('body').innerText()) as { login: string }).login
  }

  for (const mode of ['query', 'form_post'] as const) {
    it(`leads there and back (${mode})`, async (test) => {
      const { app, page } = await open(test, mode)
      await throughProvider(page)
      assert.equal(await signedIn(page, app), 'ada')
    })
  }

  it('leads there to sign out, too, and back', async (test) => {
    const { app, page } = await open(test)
    await throughProvider(page)
    assert.equal(await signedIn(page, app), 'ada')
    await page.goto('/logout')
    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await page.waitForURL(`${idp.issuer}/end*`)
    assert.deepEqual(
      (await page.context().cookies()).filter(({ name }) => name.includes('_sid')),
      [],
    )
    await page.locator('#back').click()
    await page.waitForURL(`${app.origin}/login?signed-out`)
    assert.match(await page.locator('[role=status]').first().innerText(), /You are signed out/)
  })

  it('asks for the second factor here, with what waits in a cookie that no other site sends', async (test) => {
    const { app, ada, page } = await open(test)
    const factor = await enrol(app.holdfast.accounts, ada.cookie.split('=')[1]!, app.clock.now)
    app.clock.advance(STEP)
    await throughProvider(page)
    await page.waitForURL('**/login/factor*')
    await page.locator('#code').fill(factor.code())
    await page.getByRole('button', { name: 'Continue', exact: true }).click()
    assert.equal(await signedIn(page, app), 'ada')
  })

  it('has pages that everybody can use', async (test) => {
    const { app } = await open(test)
    const context = await browser.newContext({ baseURL: app.origin })
    test.after(async () => await context.close())
    const own = await context.newPage()
    await own.goto('/login')
    await own.locator('#login').fill('ada')
    await own.locator('#password').fill(PASSWORD)
    await own.getByRole('button', { name: 'Sign in', exact: true }).click()
    await own.waitForURL(`${app.origin}/`)
    for (const at of ['/account/identities', '/login/again', '/login/with/idp/callback?state=x']) {
      await own.goto(at)
      assert.deepEqual(await violations(own), [], at)
    }
    await own.context().clearCookies()
    await own.goto('/login')
    assert.deepEqual(await violations(own), [])
  })
})

/** What the provider shows: a link back, or the form that posts the answer. */
function consent(idp: LyingProvider, request: IncomingMessage, response: ServerResponse): void {
  const back = new URL(idp.visit(`${idp.issuer}${request.url}`))
  const asForm = request.url!.includes('response_mode=form_post')
  const fields = [...back.searchParams].map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`).join('')
  const form = `<form method="post" action="${back.origin}${back.pathname}">${fields}<button id="allow">Allow</button></form>`
  const link = `<a id="allow" href="${back.href.replaceAll('&', '&amp;')}">Allow</a>`
  response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html><title>Consent</title>${asForm ? form : link}`)
}

/** The page of the provider after signing out there. */
function farewell({ url }: IncomingMessage, response: ServerResponse): void {
  const sent = new URL(url!, 'http://provider').searchParams
  const back = `${sent.get('post_logout_redirect_uri')}?state=${sent.get('state')}`
  response
    .writeHead(200, { 'content-type': 'text/html' })
    .end(`<!doctype html><title>Bye</title><a id="back" href="${back}">Back</a>`)
}

async function violations(page: Page): Promise<readonly string[]> {
  // Not by a script element, which the policy of the page would keep out.
  await page.evaluate(axe.source)
  const { violations: found } = await page.evaluate<AxeResults>('axe.run()')
  return found.map(({ id }) => id)
}
