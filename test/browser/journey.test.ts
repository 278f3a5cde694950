/** The whole way through the admin panel as a person goes it: without JavaScript, and with nothing but the keyboard. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Page } from 'playwright-core'
import { addNote, fill, heading, inBrowser, MIRA, press, setUp, signIn, signOut, TOMAS } from './stage.ts'

/** What has the focus, and whether that can be seen: runs in the page. */
const FOCUSED = `(() => {
  const element = document.activeElement
  if (element === null || element === document.body) return { name: 'nothing', visible: false }
  const { outlineStyle, outlineWidth } = getComputedStyle(element)
  const name = (element.labels?.[0] ?? element).innerText.trim()
  return { name, visible: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 }
})()`

await inBrowser('the admin panel without JavaScript', (stage) => {
  const open = async () => (await stage().visitor({ javaScriptEnabled: false })).newPage()
  const titles = (page: Page) => page.locator('.list h3').allInnerTexts()
  const alert = (page: Page) => page.getByRole('alert').innerText()
  // The passkey's form has a status of its own, empty until its script says something.
  const status = (page: Page) => page.locator('.alert[role=status]').innerText()

  it('refuses a wrong set-up code and makes the first administrator with the right one', async () => {
    const page = await open()
    await page.goto('/login')
    assert.equal(new URL(page.url()).pathname, '/setup')
    const { login, password } = MIRA
    await fill(page, { code: 'AAAA-BBBB-CCCC', login, displayName: 'Mira Raman', password, passwordAgain: password })
    await press(page, 'Create administrator')
    assert.match(await alert(page), /not the code/)
    assert.equal(await page.locator('#login').inputValue(), login)
    assert.equal(await page.locator('#password').inputValue(), '')

    await setUp(page, stage().example)
    assert.equal(await heading(page), 'Your notes')
    assert.equal((await page.goto('/setup'))!.status(), 404)
    await page.context().close()
  })

  it('keeps notes: adds, finds, changes and deletes them, and gives a form back with its errors', async () => {
    const page = await open()
    await signIn(page, MIRA)
    await addNote(page, 'Kingfisher', 'At the weir,\nhalf past six.')
    assert.equal(await status(page), 'The note was added.')
    await addNote(page, 'Water level', '42 cm, 100% clear')
    assert.deepEqual(await titles(page), ['Water level', 'Kingfisher'])

    await addNote(page, '   ', 'This was typed\nand stays.')
    assert.match(await alert(page), /Give the note a title/)
    assert.match(await page.title(), /^Error: /)
    assert.equal(await page.locator('#text').inputValue(), 'This was typed\nand stays.')
    assert.equal(await page.locator('#title').getAttribute('aria-invalid'), 'true')

    await fill(page, { search: '100%' })
    await press(page, 'Search')
    assert.deepEqual(await titles(page), ['Water level'])
    await fill(page, { search: '_' })
    await press(page, 'Search')
    assert.match(await page.locator('main').innerText(), /No note has these words/)

    await page.goto('/dashboard')
    await page.getByRole('link', { name: 'Edit “Kingfisher”' }).click()
    assert.equal(await page.locator('#text').inputValue(), 'At the weir,\nhalf past six.')
    await fill(page, { title: '' })
    await press(page, 'Save')
    assert.match(await alert(page), /Give the note a title/)
    await fill(page, { title: 'Two kingfishers' })
    await press(page, 'Save')
    assert.equal(await status(page), 'The note was saved.')
    assert.deepEqual(await titles(page), ['Two kingfishers', 'Water level'])

    await press(page, 'Delete “Water level”')
    assert.equal(await status(page), 'The note was deleted.')
    assert.deepEqual(await titles(page), ['Two kingfishers'])
    await page.context().close()
  })

  it('signs out, says the same of a wrong password as of an unknown name, and leads back to where one was going', async () => {
    const page = await open()
    await signIn(page, MIRA)
    await signOut(page)
    assert.equal(await status(page), 'You are signed out.')

    await page.goto('/dashboard?search=king')
    assert.equal(new URL(page.url()).pathname, '/login')
    await fill(page, { login: 'mira', password: 'a walrus sings at five' })
    await press(page, 'Sign in')
    const wrong = await alert(page)
    assert.match(wrong, /The name or the password is not right/)
    await fill(page, { login: 'nobody', password: 'a walrus sings at five' })
    await press(page, 'Sign in')
    assert.equal(await alert(page), wrong)

    await fill(page, MIRA)
    await press(page, 'Sign in')
    await page.waitForURL('**/dashboard?search=king')
    assert.deepEqual(await titles(page), ['Two kingfishers'])
    await page.context().close()
  })

  it('lets an administrator add a member, who finds no notes of others and is refused at the administration', async () => {
    const page = await open()
    await signIn(page, MIRA)
    await page.goto('/admin')
    await fill(page, { login: TOMAS.login, password: 'short' })
    await press(page, 'Add user')
    assert.match(await alert(page), /too short/)
    assert.equal(await page.locator('#login').inputValue(), TOMAS.login)
    await fill(page, TOMAS)
    await press(page, 'Add user')
    assert.equal(await status(page), 'The user was added.')

    const member = await open()
    await signIn(member, TOMAS)
    assert.deepEqual(await titles(member), [])
    const refused = await member.goto('/admin')
    assert.equal(refused!.status(), 403)
    assert.equal(await heading(member), 'Your account may not do this')
    assert.equal(await member.getByRole('link', { name: 'Administration' }).count(), 0)

    await page.getByLabel('Role: tomas').selectOption('admin')
    await press(page, 'Change the role of tomas')
    assert.equal((await member.goto('/admin'))!.status(), 200)
    await press(page, 'Disable tomas')
    await member.goto('/dashboard')
    assert.equal(new URL(member.url()).pathname, '/login', 'the session of a disabled user ends at once')

    await press(page, 'Disable mira')
    assert.match(await alert(page), /somebody has to stay administrator/)
    await Promise.all([page.context().close(), member.context().close()])
  })
})

await inBrowser('the admin panel with the keyboard alone', (stage) => {
  it('skips the navigation, signs in, writes a note, changes a name and signs out', async () => {
    const context = await stage().visitor()
    const page = await context.newPage()
    await setUp(page, stage().example)
    await signOut(page)

    await page.goto('/')
    await page.keyboard.press('Tab')
    assert.deepEqual(await focused(page), { name: 'Skip to content', visible: true })
    await page.keyboard.press('Enter')
    assert.equal(new URL(page.url()).hash, '#main')
    await tabTo(page, 'Sign in')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/login')
    await page.locator('#login:focus').waitFor()
    await page.keyboard.type(MIRA.login)
    await tabTo(page, 'Password')
    await page.keyboard.type(MIRA.password)
    await page.keyboard.press('Enter')
    await page.waitForURL('**/dashboard')

    await tabTo(page, 'Title')
    await page.keyboard.type('Heron')
    await tabTo(page, 'Add note')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/dashboard?done=added')
    assert.equal(await page.locator('.list h3').innerText(), 'Heron')

    await tabTo(page, 'Your account')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/account/profile')
    await tabTo(page, 'Name')
    await page.keyboard.press('ControlOrMeta+A')
    await page.keyboard.type('Mira of the Weir')
    await tabTo(page, 'Change the name')
    await page.keyboard.press('Enter')
    await page.locator('[role=status]', { hasText: 'Your name' }).waitFor()
    assert.equal(await page.locator('#displayName').inputValue(), 'Mira of the Weir')

    await tabTo(page, 'Sign out')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/logout')
    await tabTo(page, 'Sign out')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/login?signed-out')
    await context.close()
  })
})

/** Presses Tab until what has the focus is called that; everything on the way must be seen to have it (WCAG 2.2, 2.4.7). */
async function tabTo(page: Page, name: string): Promise<void> {
  const way: string[] = []
  while (way.length < 40) {
    await page.keyboard.press('Tab')
    const now = await focused(page)
    if (now.name !== 'nothing') assert.ok(now.visible, `${now.name} shows no focus`)
    if (now.name === name) return
    way.push(now.name)
  }
  assert.fail(`Tab never reached "${name}", only: ${way.join(', ')}`)
}

function focused(page: Page): Promise<{ name: string; visible: boolean }> {
  return page.evaluate(FOCUSED)
}
