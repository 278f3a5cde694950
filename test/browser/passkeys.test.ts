/** Passkeys and security keys as a person meets them, with Chromium's virtual authenticator (WebDriver extension of WebAuthn Level 3, 11). */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { chromium, type BrowserContext, type Page } from 'playwright-core'
import { startApp } from '../support/app.ts'
import { linkIn } from '../support/mail.ts'
import { chromiumPath } from '../support/services.ts'
import { addDevice, fill, heading, inBrowser, MIRA, press, pressAndGo, setUp, signIn, signOut, type Device } from './stage.ts'

const credentialsOf = async ({ session, id }: Device) =>
  (await session.send('WebAuthn.getCredentials', { authenticatorId: id })).credentials

async function removeDevice({ session, id }: Device): Promise<void> {
  await session.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: id })
}

await inBrowser('passkeys in the admin panel', (stage) => {
  let [context, page] = [undefined as unknown as BrowserContext, undefined as unknown as Page]
  let device: Device
  let codes: string[] = []
  const problems: string[] = []
  const logins = (door: string) =>
    stage()
      .example.log()
      .filter(({ type, data }) => type === 'authn_login_success' && data?.['door'] === door)

  it('are added on the page of second factors, with recovery codes, under the strict policy', async () => {
    context = await stage().visitor()
    page = await context.newPage()
    page.on('console', (message) => {
      if (/Content Security Policy|Trusted/i.test(message.text())) problems.push(message.text())
    })
    page.on('pageerror', (error) => problems.push(error.message))
    await setUp(page, stage().example)
    device = await addDevice(page)
    await page.goto('/account/factors')
    await page.getByRole('link', { name: 'Add one' }).click()
    await page.locator('#name').fill('Blue telephone')
    await page.getByRole('button', { name: 'Add a passkey', exact: true }).click()
    await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor()
    codes = await page.locator('ol li').allInnerTexts()
    assert.equal(codes.length, 10)
    const [kept] = await credentialsOf(device)
    assert.equal(kept!.isResidentCredential, true)
    await page.goto('/account/factors')
    const list = await page.locator('main').innerText()
    assert.match(list, /Blue telephone/)
    assert.match(list, /10 left/)
    assert.deepEqual(problems, [])
  })

  it('are offered by the browser in the field of the name, and lead to where one was going', async () => {
    await context.clearCookies()
    // The device of this test says yes at once, as somebody does who chooses the passkey in the field.
    const going = page.waitForURL('**/dashboard?search=weir')
    await page.goto('/login?next=/dashboard%3Fsearch%3Dweir', { waitUntil: 'commit' })
    await going
    assert.equal(logins('passkey').length, 1)
    assert.deepEqual(problems, [])
  })

  it('let one in by a button, without name and password', async () => {
    await page.addInitScript('PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(false)')
    await signOut(page)
    assert.equal(await page.locator('#login').getAttribute('autocomplete'), 'username webauthn')
    await pressAndGo(page, 'Sign in with a passkey', '**/dashboard')
    assert.equal(await heading(page), 'Your notes')
    assert.equal(logins('passkey').length, 2)
    assert.deepEqual(problems, [])
  })

  it('are the second step after the password, and prove again who is signed in', async () => {
    await signOut(page)
    await signIn(page, MIRA)
    assert.equal(new URL(page.url()).pathname, '/login/factor')
    assert.match(await page.locator('main').innerText(), /Now your passkey or security key/)
    await pressAndGo(page, 'Use a passkey or security key', '**/dashboard')
    await page.goto('/login/again?next=/account/factors')
    assert.equal(new URL(page.url()).pathname, '/login/factor')
    assert.equal(await heading(page), 'Confirm it is you')
    await pressAndGo(page, 'Use a passkey or security key', '**/account/factors')
    assert.match(await page.locator('main').innerText(), /Blue telephone/)
    assert.deepEqual(problems, [])
  })

  it('of the kind that is a second step alone are added beside, and are taken after the password', async () => {
    const key = await addDevice(page, 'usb')
    await page.goto('/account/factors/passkeys')
    await page.locator('#name').fill('Key ring')
    await pressAndGo(page, 'Add a security key', '**/account/factors')
    const [kept] = await credentialsOf(key)
    assert.equal(kept!.isResidentCredential, false)
    await signOut(page)
    await signIn(page, MIRA)
    await pressAndGo(page, 'Use a passkey or security key', '**/dashboard')
    await removeDevice(key)
  })

  it('are named and removed by their owner, and the browser is told which are left', async () => {
    await page.goto('/account/factors')
    const told = JSON.parse((await page.locator('[data-passkey-accepted]').getAttribute('data-passkey-accepted'))!) as {
      allAcceptedCredentialIds: string[]
    }
    assert.equal(told.allAcceptedCredentialIds.length, 2)
    await page.getByRole('link', { name: 'Change Key ring' }).click()
    await fill(page, { name: 'Old key ring' })
    await press(page, 'Save')
    await page.getByRole('link', { name: 'Change Old key ring' }).click()
    await press(page, 'Remove it')
    assert.doesNotMatch(await page.locator('main').innerText(), /key ring/)
    assert.match(await page.locator('main').innerText(), /Blue telephone/)
  })

  it('that were lost are replaced after a recovery code', async () => {
    await removeDevice(device)
    await signOut(page)
    await signIn(page, MIRA)
    await fill(page, { code: codes[0]! })
    await press(page, 'Continue')
    await page.waitForURL('**/dashboard')
    device = await addDevice(page)
    await page.goto('/account/factors/passkeys')
    await page.locator('#name').fill('New telephone')
    await pressAndGo(page, 'Add a passkey', '**/account/factors')
    await page.getByRole('link', { name: 'Change Blue telephone' }).click()
    await press(page, 'Remove it')
    const list = await page.locator('main').innerText()
    assert.match(list, /New telephone/)
    assert.doesNotMatch(list, /Blue telephone/)
    await signOut(page)
    await pressAndGo(page, 'Sign in with a passkey', '**/dashboard')
    assert.deepEqual(problems, [])
  })

  it('say that they need JavaScript where there is none, and everything else goes on', async () => {
    const plain = await stage().visitor({ javaScriptEnabled: false })
    const still = await plain.newPage()
    await still.goto('/login')
    assert.match(await still.locator('main').innerText(), /Passkeys and security keys need JavaScript/)
    assert.equal(await still.getByRole('button', { name: 'Sign in with a passkey' }).count(), 0)
    await signIn(still, MIRA)
    assert.match(await still.locator('main').innerText(), /need JavaScript/)
    await fill(still, { code: codes[1]! })
    await press(still, 'Continue')
    assert.equal(await heading(still), 'Your notes')
    await plain.close()
    await context.close()
  })
})

// Nobody signs up by themselves at the admin panel, so this is another application.
const chromiumAt = await chromiumPath()

describe('the sign-up with a passkey', { skip: 'skip' in chromiumAt ? chromiumAt.skip : false, timeout: 120_000 }, () => {
  it('makes an account without a password, by the link of a letter, and lets its owner in again', async () => {
    await using app = await startApp({
      options: { signIn: { passkey: true, signUp: 'open' }, headers: { trustedTypes: 'enforce' } },
    })
    const browser = await chromium.launch({
      executablePath: 'url' in chromiumAt ? chromiumAt.url : '',
      args: ['--no-sandbox'],
    })
    try {
      const context = await browser.newContext({ baseURL: app.origin, reducedMotion: 'reduce' })
      const page = await context.newPage()
      const problems: string[] = []
      page.on('console', (message) => {
        if (/Content Security Policy|Trusted/i.test(message.text())) problems.push(message.text())
      })
      page.on('pageerror', (error) => problems.push(error.message))
      await page.addInitScript('PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(false)')
      await addDevice(page)
      await app.signIn('admin', 'root')
      await page.goto('/sign-up')
      await fill(page, { address: 'ada@example.org' })
      await page.locator('form button[type=submit]').first().click()
      await page.getByRole('heading', { name: 'Look into your mail' }).waitFor()
      await page.goto(linkIn((await app.mails()).at(-1)!))
      await page.getByRole('link', { name: 'Use a passkey instead of a password' }).click()
      await page.locator('#displayName').fill('Ada')
      await page.getByRole('button', { name: 'Create the account with a passkey' }).click()
      await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor()
      await context.clearCookies()
      await page.goto('/login')
      await pressAndGo(page, 'Sign in with a passkey', app.origin + '/')
      const [user] = (await app.holdfast.accounts.users.list()).filter(({ login }) => login === 'ada@example.org')
      assert.equal((await app.holdfast.accounts.passkeys.list(user!.id)).length, 1)
      assert.deepEqual(problems, [])
    } finally {
      await browser.close()
    }
  })
})
