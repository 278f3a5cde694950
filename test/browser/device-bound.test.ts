/**
 * Sessions that are bound to a device, with a real browser at the other end: Chromium makes the key, keeps the short-lived cookie fresh and
 * signs for the next one. Its keys are in software here, which it has for tests: Linux gives it no hardware to keep them in.
 */
import assert from 'node:assert/strict'
import { createHash, X509Certificate } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import tls from 'node:tls'
import { chromium, type BrowserContext, type Page } from 'playwright-core'
import { PASSWORD, startApp, type TestApp } from '../support/app.ts'
import { chromiumPath } from '../support/services.ts'

const MINUTE = 60_000
const BOUND = '__Host-hf_bound'
const ABLE = ['DeviceBoundSessions', 'EnableBoundSessionCredentialsSoftwareKeysForManualTesting']

const path = await chromiumPath()

describe('a session that is bound to its device, in Chromium', { skip: 'skip' in path && path.skip, timeout: 120_000 }, () => {
  it('is bound after sign-in, and goes on when the short-lived cookie has run out: the browser signs for the next', async (test) => {
    const { app, page, context, asked } = await open(test)
    await signIn(page)
    const first = await boundCookie(context)
    assert.deepEqual(asked, ['register 200'])

    app.clock.advance(6 * MINUTE)
    await runOut(context)
    assert.equal(await whoIn(page), 'victim')
    assert.deepEqual(asked, ['register 200', 'refresh 403', 'refresh 200'])
    assert.notEqual((await boundCookie(context)).value, first.value)
    // Chromium asks for the icon beside the page, at a moment of its own, and does not wait for a proof.
    const unproved = app.events.filter(({ type, path: asking }) => type === 'session_unproved' && asking !== '/favicon.ico')
    assert.equal(unproved.length, 0)
  })

  it('dies in other hands: the session alone at once, with its proof in minutes, while the browser itself goes on', async (test) => {
    const { app, page, context } = await open(test)
    await signIn(page)
    await boundCookie(context)
    const all = (await context.cookies()).map(({ name, value }) => `${name}=${value}`)
    const alone = all.filter((pair) => !pair.startsWith(BOUND))
    const elsewhere = async (cookies: readonly string[]) =>
      (await app.fetch('/me', { headers: { cookie: cookies.join('; ') } })).text

    app.clock.advance(MINUTE)
    assert.doesNotMatch(await elsewhere(alone), /victim/)
    assert.match(await elsewhere(all), /victim/)
    app.clock.advance(4 * MINUTE)
    assert.doesNotMatch(await elsewhere(all), /victim/)
    await runOut(context)
    assert.equal(await whoIn(page), 'victim')
  })

  it('stays bound to the same key when its token is renewed: the other one that the browser then offers is refused', async (test) => {
    const { app, page, context, asked } = await open(test)
    await signIn(page)
    await boundCookie(context)
    const { users } = app.holdfast.accounts
    await users.setRoles((await users.byLogin('victim'))!.id, ['admin'], { kind: 'system', id: 'test' })
    assert.equal(await whoIn(page), 'victim')
    await until(() => asked.includes('register 400'))
    assert.deepEqual(asked, ['register 200', 'register 400'])

    app.clock.advance(6 * MINUTE)
    await runOut(context)
    assert.equal(await whoIn(page), 'victim')
    assert.deepEqual(asked.slice(2), ['refresh 403', 'refresh 200'])
  })

  it('is forgotten by the browser with signing out, and the next one is bound anew', async (test) => {
    const { app, page, context, asked } = await open(test)
    await signIn(page)
    await boundCookie(context)
    await page.goto('/logout')
    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await page.waitForURL('**/login?signed-out')
    await page.goto('/')
    assert.deepEqual(asked, ['register 200'])

    await signIn(page)
    await boundCookie(context)
    app.clock.advance(6 * MINUTE)
    await runOut(context)
    assert.equal(await whoIn(page), 'victim')
    assert.deepEqual(asked.slice(1), ['register 200', 'refresh 403', 'refresh 200'])
  })

  it('is a session like any other where the browser cannot', async (test) => {
    const { app, page, asked } = await open(test, [])
    await signIn(page)
    app.clock.advance(6 * MINUTE)
    assert.equal(await whoIn(page), 'victim')
    assert.deepEqual(asked, [])
  })
})

/** An application that binds sessions, and a browser that trusts its certificate: Chromium binds nothing where it had to look away. */
async function open(test: TestContext, features: readonly string[] = ABLE) {
  const app = await startApp({ tls: true, options: { session: { deviceBound: 'if-available' } } })
  test.after(async () => await app[Symbol.asyncDispose]())
  await app.signIn('member', 'victim')
  const asked: string[] = []
  app.server.on('request', ({ url }: IncomingMessage, response: ServerResponse) => {
    const [, what] = /^\/_holdfast\/session\/(\w+)$/.exec(url!) ?? []
    if (what !== undefined) response.on('finish', () => asked.push(`${what} ${response.statusCode}`))
  })
  const browser = await chromium.launch({
    executablePath: 'url' in path ? path.url : '',
    args: [
      '--no-sandbox',
      `--ignore-certificate-errors-spki-list=${await keyHash(app)}`,
      ...(features.length > 0 ? [`--enable-features=${features.join()}`] : ['--disable-features=DeviceBoundSessions']),
    ],
  })
  test.after(async () => await browser.close())
  const context = await browser.newContext({ baseURL: app.origin })
  context.setDefaultTimeout(20_000)
  return { app, asked, context, page: await context.newPage() }
}

/** SHA-256 of the server's public key, as Chromium takes it for known. */
async function keyHash({ port }: TestApp): Promise<string> {
  const socket = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', rejectUnauthorized: false })
  await new Promise((resolve) => void socket.once('secureConnect', resolve))
  const { publicKey } = new X509Certificate(socket.getPeerCertificate().raw)
  socket.destroy()
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64')
}

async function signIn(page: Page): Promise<void> {
  await page.goto('/login')
  await page.locator('#login').fill('victim')
  await page.locator('#password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL(({ pathname }) => pathname !== '/login')
}

/** The browser gets it beside the page, a moment after signing in. */
async function boundCookie(context: BrowserContext) {
  const held = async () => (await context.cookies()).find(({ name }) => name === BOUND)
  await until(async () => (await held()) !== undefined)
  return (await held())!
}

/** The browser has a clock of its own: what is left of the cookie's five minutes becomes a second, and passes. */
async function runOut(context: BrowserContext): Promise<void> {
  const { value: old, ...cookie } = await boundCookie(context)
  await context.addCookies([{ ...cookie, value: old, expires: Date.now() / 1000 + 1 }])
  await until(async () => !(await context.cookies()).some(({ value }) => value === old))
}

async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await done()) return
    await wait(50)
  }
  assert.fail('It never came to that.')
}

async function whoIn(page: Page): Promise<string> {
  await page.goto('/me')
  return (JSON.parse(await page.locator('body').innerText()) as { login: string }).login
}
