/** What holds on every page there is: accessible in light and dark, at any width, and nothing that the browser complains about. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import axe, { type AxeResults } from 'axe-core'
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { authenticatorOf } from '../support/second-factor.ts'
import { newcomerPages } from './newcomers.ts'
import { recoveryPages } from './recovery.ts'
import { addNote, fill, inBrowser, press, setUp, signIn, TOMAS, MIRA, type Stage } from './stage.ts'

/** One grey pixel. */
const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
)

interface Look {
  readonly page: Page
  /** How the test calls what is to be seen now. */
  readonly name: string
}

/** Goes to every page in every state that it has, on a fresh server, and shows each to `look`. */
async function everyPage(
  { example }: Stage,
  { mira, tomas, ada }: Readonly<Record<'mira' | 'tomas' | 'ada', BrowserContext>>,
  look: (at: Look) => Promise<void>,
): Promise<void> {
  const page = await mira.newPage()
  const at = async (path: string, name: string) => {
    await page.goto(path)
    await look({ page, name })
  }

  await at('/', 'home')
  await at('/?name=Mira%20%3Cb%3E', 'home with a name')
  await at('/contact', 'write to us')
  await fill(page, { address: 'reader@app.example', message: 'Is the weir open?' })
  await page.getByText('Your browser has done it.').waitFor()
  await press(page, 'Send')
  await page.getByText('Thank you. Somebody will read it.').waitFor()
  await look({ page, name: 'write to us, sent' })
  await at('/boom', 'an error')
  await at('/setup', 'set-up')
  await fill(page, { code: 'wrong', login: 'mira', displayName: 'Mira', password: 'x'.repeat(15), passwordAgain: 'y'.repeat(15) })
  await press(page, 'Create administrator')
  await look({ page, name: 'set-up with errors' })
  await setUp(page, example)
  await look({ page, name: 'dashboard without notes' })
  await addNote(page, 'Kingfisher', 'Two of them.\n\nAt the weir.')
  await addNote(page, 'W'.repeat(120), 'x'.repeat(500))
  await look({ page, name: 'dashboard with notes' })
  await at('/dashboard?search=nothing', 'search that finds nothing')
  await addNote(page, ' ', 'typed')
  await look({ page, name: 'dashboard with errors' })
  await page.goto('/dashboard')
  await page.getByRole('link', { name: 'Edit “Kingfisher”' }).click()
  await look({ page, name: 'edit' })
  await fill(page, { title: '' })
  await press(page, 'Save')
  await look({ page, name: 'edit with errors' })
  await at('/dashboard/illustrated', 'a note with a picture')
  await press(page, 'Next')
  await look({ page, name: 'a note with a picture, with errors' })
  await fill(page, { title: 'Heron' })
  await press(page, 'Next')
  await look({ page, name: 'a note with a picture, the second step' })
  await page.locator('#picture').setInputFiles({ name: 'page.png', mimeType: 'image/png', buffer: Buffer.from('<html>') })
  await press(page, 'Add note')
  await look({ page, name: 'the second step with errors' })
  await page.locator('#picture').setInputFiles({ name: 'heron.png', mimeType: 'image/png', buffer: PICTURE })
  await fill(page, { alt: 'A grey heron' })
  await press(page, 'Add note')
  await look({ page, name: 'dashboard with a picture' })
  await at('/admin', 'administration')
  await fill(page, { ...TOMAS, password: 'short' })
  await press(page, 'Add user')
  await look({ page, name: 'administration with errors' })
  await fill(page, TOMAS)
  await press(page, 'Add user')
  await look({ page, name: 'administration with two users' })
  await newcomerPages(example, page, await ada.newPage(), look)
  await at('/account/sessions', 'sessions')
  await at('/account/password', 'password')
  await fill(page, { password: 'x'.repeat(15), passwordAgain: 'y'.repeat(15) })
  await press(page, 'Change the password')
  await look({ page, name: 'password with errors' })
  await recoveryPages(await tomas.newPage(), look)
  await at('/account/keys', 'API keys, none yet')
  await fill(page, { name: 'nightly export' })
  await page.getByLabel('notes:read').check()
  await press(page, 'Make key')
  await look({ page, name: 'an API key that was made' })
  await fill(page, { name: 'nightly export' })
  await press(page, 'Make key')
  await look({ page, name: 'API keys with an error' })
  await at('/login/again', 'prove it again')
  await at('/account/factors', 'second factor, off')
  await at('/account/factors/passkeys', 'enrolment of a passkey')
  await at('/account/factors/totp', 'enrolment')
  await fill(page, { code: '000000' })
  await press(page, 'Turn it on')
  await look({ page, name: 'enrolment with an error' })
  const key = await page.locator('code').innerText()
  await fill(page, { code: authenticatorOf(key, Date.now)() })
  await press(page, 'Turn it on')
  await look({ page, name: 'recovery codes' })
  await at('/account/factors', 'second factor, on')
  await at('/account/factors/totp/remove', 'remove the second factor')
  await at('/login/factor', 'prove it again with a code')
  await at('/nothing-here', 'not found')
  await at('/logout', 'sign out')
  await press(page, 'Sign out')
  await look({ page, name: 'sign in after signing out' })
  await fill(page, { ...TOMAS, password: 'wrong' })
  await press(page, 'Sign in')
  await look({ page, name: 'sign in with an error' })
  await signIn(page, MIRA)
  await look({ page, name: 'second step' })
  await fill(page, { code: '000000' })
  await press(page, 'Continue')
  await look({ page, name: 'second step with an error' })

  const member = await tomas.newPage()
  await signIn(member, TOMAS)
  await member.goto('/admin')
  await look({ page: member, name: 'forbidden' })
  await Promise.all([mira.close(), tomas.close(), ada.close()])
}

/** Pages with a passkey on them, or with work to do, have one script, from a file of the kit. */
const OURS = ['passkey', 'challenge'].map((name) => `:not([src^="/login/${name}.js?v="])`).join('')
const ANY_CODE = `script${OURS}, script:not(:empty), [style], [onclick], [onload]`

await inBrowser('what the browser says of every page', (stage) => {
  it('is nothing: no script but the two of the kit, nothing that the policy refuses, nothing on the console', async () => {
    const complaints: string[] = []
    const visitors = await people(stage())
    for (const visitor of Object.values(visitors)) listen(visitor, complaints)
    let seen = 0
    await everyPage(stage(), visitors, async ({ page, name }) => {
      seen++
      const found = await page.evaluate<number>(`document.querySelectorAll('${ANY_CODE}').length`)
      assert.equal(found, 0, `${name} has a script or an inline style`)
    })
    assert.ok(seen >= 20, `${seen} pages`)
    assert.deepEqual(complaints, [])
    const log = stage().example.log()
    assert.deepEqual(
      log.filter(({ type }) => type === 'browser_report'),
      [],
    )
  })

  it('would be something if a page broke its policy', async () => {
    const complaints: string[] = []
    const visitor = await stage().visitor()
    listen(visitor, complaints)
    const page = await visitor.newPage()
    await page.goto('/')
    await page.evaluate(`document.body.setAttribute('onclick', 'window.ran = true'), document.body.click()`)
    assert.equal(await page.evaluate('window.ran'), undefined)
    assert.equal(complaints.length, 1)
    assert.match(complaints[0]!, /Content Security Policy/)
    await visitor.close()
  })
})

await inBrowser('what axe says of every page', (stage) => {
  const LOOKS = [
    { colorScheme: 'light', width: 1280 },
    { colorScheme: 'dark', width: 390 },
  ] as const

  it('is nothing, light and dark, and every page fits into 1280 and into 390 pixels', async () => {
    const problems: string[] = []
    // The policy stops axe like any other script that is not ours.
    const visitors = await people(stage(), { bypassCSP: true })
    await everyPage(stage(), visitors, async ({ page, name }) => {
      for (const { colorScheme, width } of LOOKS) {
        await page.emulateMedia({ colorScheme })
        await page.setViewportSize({ width, height: 800 })
        if (await page.evaluate('document.documentElement.scrollWidth > innerWidth'))
          problems.push(`${name} at ${width}: too wide`)
        for (const problem of await examine(page)) problems.push(`${name}, ${colorScheme}: ${problem}`)
      }
    })
    assert.deepEqual(problems, [])
  })

  it('would be something if an input had no label, or a text too little contrast', async () => {
    const visitor = await stage().visitor({ bypassCSP: true, colorScheme: 'dark' })
    const page = await visitor.newPage()
    await page.goto('/login')
    await page.evaluate(`document.querySelector('label[for=password]').remove()`)
    await page.evaluate(`document.querySelector('label[for=login]').style.color = '#333'`)
    const found = (await examine(page)).map((problem) => problem.split(':')[0])
    assert.deepEqual(found, ['color-contrast', 'label'])
    await visitor.close()
  })
})

/** Three who meet nobody's cookies. */
async function people({ visitor }: Stage, options?: BrowserContextOptions) {
  return { mira: await visitor(options), tomas: await visitor(options), ada: await visitor(options) }
}

/** What axe finds, as `rule: elements`. */
async function examine(page: Page): Promise<string[]> {
  if (await page.evaluate(`typeof axe === 'undefined'`)) await page.evaluate(axe.source)
  const { violations } = await page.evaluate<AxeResults>(`axe.run(document, { resultTypes: ['violations'] })`)
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

/** Errors on the console and violations of the policy. That an answer has the status it should have is no complaint. */
function listen(visitor: BrowserContext, complaints: string[]): void {
  visitor.on('weberror', (error) => complaints.push(`threw: ${error.error().message}`))
  visitor.on('console', (message) => {
    const text = message.text()
    const status = /^Failed to load resource: the server responded with a status of (?:401|403|404|409|410|422|500) /.test(text)
    const policy = /Content Security Policy|Trusted ?Type/.test(text)
    if (policy || (message.type() === 'error' && !status)) complaints.push(`${message.location().url}: ${text}`)
  })
}
