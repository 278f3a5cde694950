/**
 * Every page that the kit and the example have, with all that can be turned on: accessible in light and dark, on wide and narrow screens,
 * without a word from the browser. Which pages there are is computed, so that a new one cannot be forgotten: it is visited, or the test fails.
 */
import assert from 'node:assert/strict'
import { mkdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { Secret } from '../../src/crypto/secret.ts'
import { authenticatorOf } from '../support/second-factor.ts'
import { chromiumPath } from '../support/services.ts'
import { createEye } from './eye.ts'
import { addDevice, fill, MIRA, press, pressAndGo, signIn, TOMAS } from './stage.ts'
import { startWhole, type Whole } from './whole.ts'

/** One grey pixel. */
const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
)
/** Screenshots stay here until the next run: `mira-account-profile-1280-light.png`. */
const PICTURES = join(tmpdir(), 'holdfast-every-page')
const LINKS = `[...document.querySelectorAll('a[href^="/"], img[src^="/"]')].map((one) => one.getAttribute('href') ?? one.getAttribute('src'))`
/** Long enough beside a second factor alone. */
const SHORT = 'tq7 vex9 #m'
const TEST = { kind: 'system', id: 'test' } as const

/** Addresses that a GET leads on from, whoever comes: there is nothing to see. */
const LEADS_ON = ['/login/passkey', '/login/with/idp/signed-out', '/auth/token', '/sign-up/invitation/join']
/** What a page says that is no success. */
const SAYS: Readonly<Record<string, number>> = { '/boom': 500, '/login/with/idp/callback': 400 }

const path = await chromiumPath()

await describe('every page there is', { skip: 'skip' in path && path.skip, timeout: 600_000 }, () => {
  let [whole, browser] = [undefined as unknown as Whole, undefined as unknown as Browser]
  before(async () => {
    whole = await startWhole()
    browser = await chromium.launch({ executablePath: 'url' in path ? path.url : '', args: ['--no-sandbox'] })
    rmSync(PICTURES, { recursive: true, force: true })
    mkdirSync(PICTURES, { recursive: true })
  })
  after(async () => {
    await browser?.close()
    await whole?.[Symbol.asyncDispose]()
  })

  it('was visited, pleases axe, fits, and makes the browser complain of nothing', async () => {
    const visit = visitor(whole, browser)
    await walk(whole, visit)
    const known = (one: string) => visit.seen.has(one) || visit.noPage.has(one) || LEADS_ON.includes(one)
    const left = whole.paths.filter((one) => !known(one))
    assert.deepEqual(left, [], 'Pages that nobody visited: lead somebody there in `walk`.')
    assert.deepEqual(visit.problems, [])
    assert.ok(visit.seen.size >= 45, `only ${visit.seen.size} pages`)
  })

  it('would be something if a page broke any of these', async () => {
    const visit = visitor(whole, browser)
    const page = await visit.somebody('broken')
    await page.goto('/')
    for (const breaks of [
      `document.querySelector('label').remove()`,
      `document.querySelector('.who').before(document.createElement('hr'))`,
      `document.querySelector('.top > hr').style.flexBasis = '100%'`,
      `document.querySelectorAll('main a')[0].after(Object.assign(document.createElement('button'), { textContent: 'On it', style: 'margin-left: -2rem' }))`,
      `document.querySelector('h1').style.width = '2000px'`,
      `document.querySelector('h1').style.color = '#777'`,
      `document.body.setAttribute('onclick', 'window.ran = true'), document.body.click()`,
    ])
      await page.evaluate(breaks)
    assert.equal(await page.evaluate('window.ran'), undefined)
    await visit.look(page)
    for (const what of [
      ...[/wider than 360/, /another line/, /On it lie on one another/, /a script or a style/, /Content Security Policy/],
      ...[/: label: /, /: color-contrast: /],
    ])
      assert.ok(
        visit.problems.some((problem) => what.test(problem)),
        `${what}: ${visit.problems.join()}`,
      )
  })
})

interface Visitor {
  /** Somebody with a browser of their own. */
  somebody(name: string): Promise<Page>
  /** Looks at what is there now. */
  look(page: Page): Promise<void>
  /** Goes to all of these addresses, and wherever a link on their pages leads. */
  tour(page: Page, paths: readonly string[]): Promise<void>
  readonly seen: ReadonlySet<string>
  /** What is asked by POST alone, or is a file. */
  readonly noPage: ReadonlySet<string>
  readonly problems: readonly string[]
}

function visitor({ origin, paths }: Whole, browser: Browser): Visitor {
  const [seen, noPage, eye] = [new Set<string>(), new Set<string>(), createEye(PICTURES)]
  const names = new Map<BrowserContext, string>()

  /** The address of the list that this is, with `:id` for what is stored. */
  function listed(pathname: string): string {
    const fits = (one: string) => new RegExp(`^${one.replaceAll(/:\w+/g, '[^/]+')}$`).test(pathname)
    return paths.includes(pathname) ? pathname : (paths.find(fits) ?? pathname)
  }

  async function look(page: Page): Promise<void> {
    const where = listed(new URL(page.url()).pathname)
    seen.add(where)
    await eye.look(page, `${names.get(page.context())}${where}`)
  }

  return {
    ...{ seen, noPage, problems: eye.problems, look },
    async somebody(name) {
      const context = await browser.newContext({ baseURL: origin, reducedMotion: 'reduce' })
      names.set(context, name)
      context.setDefaultTimeout(20_000)
      eye.watch(context, name)
      return await context.newPage()
    },
    async tour(page, first) {
      const [due, done] = [first.filter((one) => !one.includes(':')), new Set<string>()]
      for (let at = due.shift(); at !== undefined; at = due.shift()) {
        const where = listed(at.split('?')[0]!)
        if (done.has(at) || seen.has(where) || noPage.has(where)) continue
        done.add(at)
        const head = await page.request.fetch(at, { maxRedirects: 0, headers: { accept: 'text/html' } })
        const html = head.headers()['content-type']?.startsWith('text/html') ?? false
        const status = head.status()
        if (status === 405 || (status === 200 && !html)) noPage.add(where)
        if (!html || status !== (SAYS[where] ?? 200)) continue
        await page.goto(at)
        await look(page)
        due.push(...(await page.evaluate<string[]>(LINKS)))
      }
    },
  }
}

/** Leads everybody everywhere. */
async function walk(whole: Whole, visit: Visitor): Promise<void> {
  const { holdfast, paths } = whole
  const { users, setUp } = holdfast.accounts
  const [mira, nobody] = [await visit.somebody('mira'), await visit.somebody('nobody')]
  await visit.tour(mira, ['/setup'])
  const { login, password } = MIRA
  await fill(mira, { code: (await setUp.code())!, login, displayName: 'Mira Raman', password, passwordAgain: password })
  await press(mira, 'Create administrator')
  for (const name of ['ada', 'bea', 'eve', 'gus', 'una'])
    await users.create(
      {
        login: name,
        address: `${name}@app.example`,
        addressVerified: name !== 'una',
        roles: ['member'],
        password: new Secret(TOMAS.password),
      },
      TEST,
    )

  await visit.tour(nobody, [...paths, '/nothing-here'])
  await asksForLetters(whole, nobody, visit)
  await administers(whole, mira, visit)
  await movesAndLeaves(whole, visit)
  await losesFactor(whole, visit)
  await openLetters(whole, nobody, visit)
}

/** Goes wherever the letters lead that were sent since the last time; says where that was. */
async function openLetters({ mails, origin }: Whole, page: Page, { tour }: Visitor): Promise<readonly string[]> {
  const links = (await mails()).flatMap(({ text }) => text.match(/https?:\/\/\S+\?token=\S+/g) ?? [])
  const paths = links.map((link) => link.slice(origin.length))
  await tour(page, paths)
  return paths
}

/** Presses the button behind the first of these links that leads there, and looks at what comes. */
async function follow(
  page: Page,
  links: readonly string[],
  { to, button }: { readonly to: string; readonly button: string },
  { look }: Visitor,
): Promise<void> {
  const link = links.find((one) => one.startsWith(`${to}?`))
  assert.ok(link, `no letter leads to ${to}`)
  await page.goto(link)
  await press(page, button)
  await look(page)
}

/** Who asks for all that can be asked for, and guesses somebody's password. */
async function asksForLetters(whole: Whole, page: Page, visit: Visitor): Promise<void> {
  const ask = async (path: string, values: Readonly<Record<string, string>>) => {
    await page.goto(path)
    await fill(page, values)
    await send(page)
  }
  await ask('/login/link', { login: 'gus' })
  await ask('/login/code', { login: 'gus' })
  await visit.look(page)
  await ask('/login/recover', { who: 'gus' })
  await ask('/sign-up', { address: 'new@app.example' })
  for (let guess = 0; guess < 6; guess++) await ask('/login', { login: 'eve', password: `guess ${guess}` })
  await openLetters(whole, page, visit)
}

/** An administrator with notes, a guest, and an organisation. */
async function administers({ holdfast, paths, clock }: Whole, page: Page, { tour, look }: Visitor): Promise<void> {
  const { users, tenants } = holdfast.accounts
  assert.ok((await tenants.create({ name: 'Weir watchers', ownerId: (await users.byLogin('mira'))!.id }, TEST)).ok)
  await page.goto('/dashboard/illustrated')
  await fill(page, { title: 'Heron' })
  await press(page, 'Next')
  await page.locator('#picture').setInputFiles({ name: 'heron.png', mimeType: 'image/png', buffer: PICTURE })
  await fill(page, { alt: 'A grey heron' })
  await press(page, 'Add note')
  await page.goto('/admin')
  await fill(page, { address: 'guest@app.example' })
  await press(page, 'Invite')
  await page.goto('/account/tenants')
  await send(page, 'form[action$="/choose"] button')
  await tour(page, ['/dashboard', ...paths])
  // Too late for what gives rights: the form waits for the proof.
  await page.goto('/admin')
  clock.advance(16 * 60_000)
  await press(page, 'Change the role of ada')
  await fill(page, { password: MIRA.password })
  await press(page, 'Continue')
  await look(page)
  await press(page, 'Send it now')
  assert.match(await page.locator('.alert[role=status]').innerText(), /was changed/)
}

/** Three: one confirms an address, one moves to another and takes it back, one deletes the account. */
async function movesAndLeaves(whole: Whole, visit: Visitor): Promise<void> {
  const una = await visit.somebody('una')
  await signIn(una, { login: 'una', password: TOMAS.password })
  await una.goto('/account/address')
  await send(una)
  const ada = await visit.somebody('ada')
  await signIn(ada, { login: 'ada', password: TOMAS.password })
  await ada.goto('/account/address')
  await visit.look(ada)
  await fill(ada, { address: 'ada@elsewhere.example' })
  await press(ada, 'Send a letter to it')
  const asked = await openLetters(whole, ada, visit)
  await follow(ada, asked, { to: '/login/change-address', button: 'Make it my address' }, visit)
  const moved = await openLetters(whole, ada, visit)
  await follow(ada, moved, { to: '/login/undo-address', button: 'Give it back' }, visit)
  const gus = await visit.somebody('gus')
  await signIn(gus, { login: 'gus', password: TOMAS.password })
  await gus.goto('/account/profile')
  await press(gus, 'Delete my account')
}

/** Somebody with an authenticator app and a security key who loses both, and whose password is too short without them. */
async function losesFactor(whole: Whole, visit: Visitor): Promise<void> {
  const { holdfast, clock } = whole
  const { users, credentials } = holdfast.accounts
  const page = await visit.somebody('bea')
  await signIn(page, { login: 'bea', password: TOMAS.password })
  await page.goto('/account/factors/totp')
  await fill(page, { code: authenticatorOf(await page.locator('code').innerText(), clock.now)() })
  await press(page, 'Turn it on')
  await visit.look(page)
  await page.goto('/account/factors/totp/remove')
  await visit.look(page)
  await addDevice(page, 'usb')
  await page.goto('/account/factors/passkeys')
  await fill(page, { name: 'Key ring' })
  await pressAndGo(page, 'Add a security key', '**/account/factors')
  const { id } = (await users.byLogin('bea'))!
  assert.ok((await credentials.setPassword(id, new Secret(SHORT), { kind: 'user', id })).ok)
  const told = await openLetters(whole, page, visit)
  await page.context().clearCookies()
  clock.advance(60_000)
  await signIn(page, { login: 'bea', password: SHORT })
  await visit.look(page)
  const answered = page.waitForEvent('load')
  await page.evaluate(`document.querySelector('form[action="/login/factor/passkey"]').submit()`) // the key says nothing
  await answered
  await visit.look(page)
  await page.goto('/login/recover/factor')
  await visit.look(page)
  await send(page)
  await openLetters(whole, page, visit)
  clock.advance(73 * 3_600_000)
  const due = await openLetters(whole, page, visit)
  await follow(page, due, { to: '/login/recover/factor/remove', button: 'Remove it' }, visit)
  await signIn(page, { login: 'bea', password: SHORT })
  await visit.look(page)
  await follow(page, told, { to: '/login/not-me', button: 'It was not me' }, visit)
}

/** Presses the first button that matters. */
async function send(page: Page, button = 'main button.primary'): Promise<void> {
  const loaded = page.waitForEvent('load')
  await page.locator(button).first().click()
  await loaded
}
