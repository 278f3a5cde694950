import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Announcements } from '../../store/announcements.ts'
import { sqlite } from '../../store/sqlite.ts'
import { CLI, fixture, OTHER_PASSWORD, PASSWORD } from '../fixture.contract.ts'
import { Secret } from '../../crypto/secret.ts'

const KEEP = 100

async function remembered() {
  const f = await fixture(async () => sqlite(), { remember: KEEP })
  const user = await f.user('ada')
  const { token } = await f.session('ada')
  const find = async (accounts = f.accounts) => await accounts.sessions.find(token.reveal(), f.clock.now)
  return { ...f, user, token: token.reveal(), find }
}

describe('a session that was found a moment ago', () => {
  it('is not looked up again, until the moment has passed', async () => {
    const f = await remembered()
    await f.find()
    f.work.reset()
    for (let asked = 0; asked < 5; asked++) assert.equal((await f.find()).ok, true)
    assert.equal(f.work.counts.query, 0)
    f.clock.now += KEEP
    await f.find()
    assert.equal(f.work.counts.query, 1)
  })

  it('is looked up every time when nothing is remembered, as with several processes', async () => {
    const f = await remembered()
    const careful = f.twin({ remember: 0 })
    await f.find(careful)
    f.work.reset()
    await f.find(careful)
    await f.find(careful)
    assert.equal(f.work.counts.query, 2)
  })

  const changes: [
    string,
    (f: Awaited<ReturnType<typeof remembered>>) => Promise<unknown>,
    (found: Awaited<ReturnType<Awaited<ReturnType<typeof remembered>>['find']>>) => unknown,
    unknown,
  ][] = [
    ['sign-out', (f) => f.accounts.sessions.endByToken(f.token), (found) => found.ok, false],
    ['ending all sessions', (f) => f.accounts.sessions.endAll(f.user.id, CLI), (found) => found.ok, false],
    ['disabling the user', (f) => f.accounts.users.disable(f.user.id, CLI), (found) => found.ok, false],
    [
      'a new password',
      (f) => f.accounts.credentials.setPassword(f.user.id, new Secret(OTHER_PASSWORD), CLI),
      (found) => found.ok,
      false,
    ],
    [
      'other roles',
      (f) => f.accounts.users.setRoles(f.user.id, ['admin'], CLI),
      (found) => found.ok && found.principal.roles.join(),
      'admin',
    ],
    ['a renewed token', (f) => f.accounts.sessions.rotate(f.token, f.clock.now), (found) => found.ok, false],
    [
      'new data',
      (f) => f.accounts.sessions.write(f.token, 1, { a: 1 }, f.clock.now),
      (found) => found.ok && found.session.data,
      { a: 1 },
    ],
  ]
  for (const [name, change, seen, expected] of changes) {
    it(`is seen changed at once after ${name} in this process`, async () => {
      const f = await remembered()
      assert.equal((await f.find()).ok, true)
      await change(f)
      assert.deepEqual(seen(await f.find()), expected)
    })
  }

  it('is seen ended by another process within that moment', async () => {
    const f = await remembered()
    await f.find()
    await f.twin().sessions.endByToken(f.token)
    f.clock.now += KEEP
    assert.equal((await f.find()).ok, false)
  })

  it('still ends at its own end', async () => {
    const f = await remembered()
    const found = await f.find()
    assert.ok(found.ok)
    f.clock.now = found.session.idleAt - 1
    assert.equal((await f.find()).ok, true)
    f.clock.now += 1
    // The look a millisecond ago was noted as use.
    assert.equal((await f.find()).ok, true)
    f.clock.now += 30 * 60_000
    assert.equal((await f.find()).ok, false)
  })

  it('does not outlive a sign-in elsewhere that a slow look-up began before', async () => {
    const f = await remembered()
    const looked = f.find()
    await f.accounts.users.disable(f.user.id, CLI)
    await looked
    assert.equal((await f.find()).ok, false)
    assert.equal((await f.signIn('ada', { password: PASSWORD })).ok, false)
  })
})

describe('what several processes remember', () => {
  /** A process with a wire that a test holds the other end of. */
  async function told() {
    const state = { live: true, announced: 0, heard: () => {} }
    const announcements: Announcements = {
      live: () => state.live,
      announce: () => void state.announced++,
      listen: (heard) => void (state.heard = heard),
      close: async () => {},
    }
    const f = await fixture(async () => sqlite(), { remember: 1000, announcements })
    const user = await f.user('ada')
    const { token } = await f.session('ada')
    const find = async () => await f.accounts.sessions.find(token.reveal(), f.clock.now)
    const lookUps = async () => {
      f.work.reset()
      await find()
      return f.work.counts.query
    }
    return { ...f, state, ada: user, find, lookUps, elsewhere: f.twin({ remember: 0, announcements: undefined }) }
  }

  it('is dropped when another one says that it wrote (L62)', async () => {
    const f = await told()
    await f.find()
    assert.equal(await f.lookUps(), 0)
    await f.elsewhere.users.disable(f.ada.id, CLI)
    f.state.heard()
    assert.equal((await f.find()).ok, false)
  })

  it('is believed for a second when that message is lost, and not longer', async () => {
    const f = await told()
    await f.find()
    await f.elsewhere.users.disable(f.ada.id, CLI)
    f.clock.now += 1000
    assert.equal((await f.find()).ok, false)
  })

  it('is nothing while they cannot be heard', async () => {
    const f = await told()
    await f.find()
    f.state.live = false
    assert.deepEqual([await f.lookUps(), await f.lookUps()], [1, 1])
    f.state.live = true
  })

  it('is looked up again after any message, whatever it was about', async () => {
    const f = await told()
    await f.find()
    f.state.heard()
    assert.equal(await f.lookUps(), 1)
  })

  it('is announced by each that writes: users, roles, sessions, keys, passwords', async () => {
    const f = await told()
    const writes: [string, () => Promise<unknown>][] = [
      ['a new session', () => f.session('ada')],
      ['other roles', () => f.accounts.users.setRoles(f.ada.id, ['admin'], CLI)],
      ['a key', () => f.accounts.apiKeys.create({ userId: f.ada.id, name: 'k', scopes: [] }, CLI)],
      ['a password', () => f.accounts.credentials.setPassword(f.ada.id, new Secret(OTHER_PASSWORD), CLI)],
      ['the end of all sessions', () => f.accounts.sessions.endAll(f.ada.id, CLI)],
    ]
    for (const [what, write] of writes) {
      f.state.announced = 0
      await write()
      assert.ok(f.state.announced > 0, what)
    }
    f.state.announced = 0
    await f.find()
    assert.equal(f.state.announced, 0)
  })
})
