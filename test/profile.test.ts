/** One's own account over HTTP, as somebody without JavaScript and as a program meets it: name, address, export, deletion, and the links of notices. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createHoldfast } from '../src/index.ts'
import { startApp, type Response } from './support/app.ts'
import { cookieOf, sameOrigin, signInByForm, whoIs } from './support/browser.ts'
import { moveTo, tokenIn } from './support/profile.ts'
import { lastLink, NEW_PASSWORD, postForm, postJson, reachableMember } from './support/recovery.ts'

const OLD = 'victim@mail.example'
const NEXT = 'next@mail.example'
const ABOUT = /security of your account/
const MINUTES = 60_000
const DAY = 86_400_000
const codeIn = ({ text }: Response) => (JSON.parse(text) as { code: string }).code
const program = { accept: 'application/json' }

describe('one’s profile', () => {
  it('shows who one is and changes the name, and no other field of it (L94)', async () => {
    await using app = await startApp()
    const { cookie, userId } = await reachableMember(app)
    const shown = await app.fetch('/account/profile', { headers: { cookie } })
    assert.match(shown.text, /You sign in as <b>victim<\/b>, as member/)
    assert.match(shown.text, /<b>victim@mail\.example<\/b>, confirmed/)
    const fields = { displayName: ' Ada Lovelace ', login: 'root', roles: 'admin', status: 'active', address: 'eve@evil.example' }
    const changed = await postForm(app, '/account/profile/name', fields, cookie)
    assert.deepEqual([changed.status, changed.headers.location], [303, '/account/profile?changed'])
    const user = await app.holdfast.accounts.users.byId(userId)
    assert.deepEqual([user?.name, user?.login, user?.roles, user?.address?.text], ['Ada Lovelace', 'victim', ['member'], OLD])
    const refused = await postForm(app, '/account/profile/name', { displayName: 'a\u202Eb' }, cookie)
    assert.equal(refused.status, 422)
    assert.match(refused.text, /Write 1 to 200 characters/)
    assert.equal(codeIn(await postJson(app, '/account/profile/name', { displayName: '' }, cookie)), 'name-invalid')
    assert.deepEqual(JSON.parse((await app.fetch('/account/profile', { headers: { cookie, ...program } })).text), {
      ...{ login: 'victim', name: 'Ada Lovelace', roles: ['member'], address: OLD, verified: true },
    })
  })

  it('is for nobody who is not signed in, and changes nothing by GET', async () => {
    await using app = await startApp()
    const { cookie } = await reachableMember(app)
    for (const path of ['/account/profile', '/account/export'])
      assert.notEqual((await app.fetch(path, { headers: program })).status, 200)
    for (const path of ['/account/profile/name', '/account/profile/delete', '/account/address/change'])
      assert.equal((await app.fetch(path, { headers: { cookie } })).status, 405)
  })
})

describe('another address', () => {
  it('is asked for after a recent proof, confirmed behind a button, and taken back from the one before', async () => {
    await using app = await startApp()
    const { cookie, userId } = await reachableMember(app)
    const addressOf = async () => (await app.holdfast.accounts.users.byId(userId))?.address?.text
    await app.mails()
    const asked = await postForm(app, '/account/address/change', { address: NEXT }, cookie)
    assert.equal(asked.status, 202)
    assert.match(asked.text, /until then nothing changes/)
    const { path, token } = await lastLink(app)
    for (let i = 0; i < 2; i++) assert.match((await app.fetch(path)).text, /next@mail\.example[^]*Make it my address/)
    assert.equal(await addressOf(), OLD, 'a scanner of mail changes nothing')
    const done = await postForm(app, '/login/change-address', { token })
    assert.equal(done.status, 200)
    assert.equal(cookieOf(done), undefined)
    assert.equal(await addressOf(), NEXT)
    assert.equal((await app.fetch(path)).status, 410)
    const back = await tokenIn(app, OLD, ABOUT)
    assert.match((await app.fetch(`/login/undo-address?token=${back}`)).text, /victim@mail\.example[^]*Give it back/)
    assert.equal((await postForm(app, '/login/undo-address', { token: back })).status, 200)
    assert.equal(await addressOf(), OLD)
    assert.equal(await whoIs(app, cookie), null)
    assert.equal((await signInByForm(app, 'victim')).status, 401)
  })

  it('leads to the proof that is missing, and says what is wrong at its field', async () => {
    await using app = await startApp()
    const { cookie } = await reachableMember(app)
    const wrong = await postForm(app, '/account/address/change', { address: 'nobody' }, cookie)
    assert.equal(wrong.status, 422)
    assert.match(wrong.text, /href="#address"/)
    assert.equal(codeIn(await postJson(app, '/account/address/change', { address: OLD }, cookie)), 'address-same')
    app.clock.advance(10 * MINUTES + 1)
    const late = await postForm(app, '/account/address/change', { address: NEXT }, cookie)
    assert.deepEqual([late.status, late.headers.location], [303, '/login/again?next=%2Faccount%2Faddress'])
    assert.equal(codeIn(await postJson(app, '/account/address/change', { address: NEXT }, cookie)), 'recent-proof-required')
  })

  it('is told nobody when it is somebody’s, and refused when it became so', async () => {
    await using app = await startApp()
    const { cookie } = await reachableMember(app)
    await reachableMember(app, 'eve')
    const free = await postJson(app, '/account/address/change', { address: 'free@mail.example' }, cookie)
    const taken = await postJson(app, '/account/address/change', { address: 'eve@mail.example' }, cookie)
    assert.deepEqual([taken.status, taken.text], [free.status, free.text])
    await app.mails()
    await postForm(app, '/account/address/change', { address: NEXT }, cookie)
    const { token } = await lastLink(app)
    await reachableMember(app, 'dora', NEXT)
    assert.equal((await postForm(app, '/login/change-address', { token })).status, 409)
    assert.equal(codeIn(await postJson(app, '/login/change-address', { token })), 'address-taken')
  })
})

describe('a security notice', () => {
  it('leads to a page that says what happened, and a button that closes the account to others', async () => {
    await using app = await startApp()
    const { cookie } = await reachableMember(app)
    await postForm(app, '/account/password', { password: NEW_PASSWORD, passwordAgain: NEW_PASSWORD }, cookie)
    const token = await tokenIn(app, OLD, ABOUT)
    const shown = await app.fetch(`/login/not-me?token=${token}`)
    assert.match(shown.text, /Your password was changed[^]*It was not me/)
    const done = await postForm(app, '/login/not-me', { token })
    assert.match(done.text, /The account is closed to others[^]*\/login\/recover/)
    assert.equal((await signInByForm(app, 'victim', { password: NEW_PASSWORD })).status, 401)
    assert.equal((await app.fetch(`/login/not-me?token=${token}`)).status, 410)
    assert.equal(codeIn(await postJson(app, '/login/not-me', { token })), 'link-over')
  })

  it('tells an address that was changed by an operator, too', async () => {
    await using app = await startApp()
    const { userId } = await reachableMember(app)
    await app.holdfast.accounts.users.setAddress(userId, NEXT, { kind: 'system', id: 'cli' }, { verified: true })
    assert.ok(await tokenIn(app, OLD, ABOUT))
  })
})

describe('the export', () => {
  it('is a file with everything but secrets, and what the application adds', async () => {
    const exportMore = async (id: string) => ({ notes: [`of ${id}`] })
    await using app = await startApp({ options: { console: { exportMore } } })
    const { cookie, userId } = await reachableMember(app)
    await app.holdfast.accounts.apiKeys.create({ userId, name: 'a key', scopes: [] }, { kind: 'system', id: 'test' })
    const { status, headers, text } = await app.fetch('/account/export', { headers: { cookie } })
    assert.equal(status, 200)
    assert.equal(headers['content-disposition'], 'attachment; filename="account.json"')
    assert.equal(headers['cache-control'], 'no-store')
    const kept = JSON.parse(text)
    assert.equal(kept.user.login, 'victim')
    assert.deepEqual(kept.more, { notes: [`of ${userId}`] })
    assert.deepEqual(
      kept.keys.map((key: { name: string }) => key.name),
      ['a key'],
    )
    assert.equal(kept.sessions.length, 1)
    assert.ok(!text.includes(cookie.split('=')[1]!))
    assert.doesNotMatch(text, /argon2|"hash"/)
    app.clock.advance(10 * MINUTES + 1)
    assert.equal((await app.fetch('/account/export', { headers: { cookie, ...program } })).status, 401)
    const browser = await app.fetch('/account/export', { headers: { ...sameOrigin(app, cookie), accept: 'text/html' } })
    assert.equal(browser.headers.location, '/login/again?next=%2Faccount%2Fprofile')
  })
})

describe('the deletion of one’s account', () => {
  it('shuts it at once, is taken back by a link, and takes everything after its time', async () => {
    await using app = await startApp()
    const { cookie, userId } = await reachableMember(app)
    const gone = await postForm(app, '/account/profile/delete', {}, cookie)
    assert.equal(gone.status, 202)
    assert.match(gone.text, /Your account is shut/)
    assert.equal(await whoIs(app, cookie), null)
    const token = await tokenIn(app, OLD, /will be deleted/)
    assert.match((await app.fetch(`/login/keep-account?token=${token}`)).text, /Keep it/)
    assert.equal((await postForm(app, '/login/keep-account', { token })).status, 200)
    const again = cookieOf(await signInByForm(app, 'victim'))!
    assert.equal((await postJson(app, '/account/profile/delete', {}, again)).status, 202)
    app.clock.advance(14 * DAY)
    await app.holdfast.accounts.deletions.sweep(app.clock.now())
    assert.equal(await app.holdfast.accounts.users.byId(userId), undefined)
  })

  it('is refused to the last administrator, without a recent proof, and where it is off', async () => {
    await using app = await startApp()
    const { cookie } = await app.signIn('admin', 'boss')
    const refused = await postForm(app, '/account/profile/delete', {}, cookie)
    assert.equal(refused.status, 409)
    assert.match(refused.text, /Nobody else administers/)
    app.clock.advance(10 * MINUTES + 1)
    assert.equal(codeIn(await postJson(app, '/account/profile/delete', {}, cookie)), 'recent-proof-required')
    await using off = await startApp({ options: { console: { deletion: false } } })
    const { cookie: member } = await reachableMember(off)
    assert.doesNotMatch((await off.fetch('/account/profile', { headers: { cookie: member } })).text, /Delete my account/)
    assert.equal((await postForm(off, '/account/profile/delete', {}, member)).status, 404)
  })

  it('wants a time of a day to 90 days, said at start-up', async () => {
    for (const deletion of ['1h', '91d'] as const)
      await assert.rejects(
        createHoldfast({ origin: 'https://app.example', data: '/nowhere', console: { deletion } }),
        /console\.deletion/,
      )
  })
})

it('the address moves with a session that lives on', async () => {
  await using app = await startApp()
  const { cookie } = await reachableMember(app)
  await moveTo(app, cookie, NEXT)
  assert.equal(await whoIs(app, cookie), 'victim')
})
