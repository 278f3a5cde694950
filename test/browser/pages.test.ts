/** Every state that the pages of the example have; that what looks at them would see something is tried in `every-page.test.ts`. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { BrowserContext, Page } from 'playwright-core'
import { authenticatorOf } from '../support/second-factor.ts'
import { createEye } from './eye.ts'
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

await inBrowser('every page of the example, in every state that it has', (stage) => {
  it('pleases axe, light and dark, fits, has no script but the two of the kit, and makes the browser complain of nothing', async () => {
    const { visitor, example } = stage()
    const eye = createEye()
    const visitors = { mira: await visitor(), tomas: await visitor(), ada: await visitor() }
    for (const [name, context] of Object.entries(visitors)) eye.watch(context, name)
    const seen = new Set<string>()
    await everyPage(stage(), visitors, async ({ page, name }) => {
      seen.add(name)
      await eye.look(page, name)
    })
    assert.ok(seen.size >= 50, `${seen.size} pages`)
    assert.deepEqual(eye.problems, [])
    const reports = example.log().filter(({ type }) => type === 'browser_report')
    assert.deepEqual(reports, [])
  })
})
