/** What security notices must hold on every database: told once, to the verified address, and taken back by a link that opens nothing. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { race } from '../../../test/support/race.ts'
import { enrol } from '../../../test/support/second-factor.ts'
import { Secret } from '../../crypto/secret.ts'
import { CLI, fixture, from, fullHasher, OTHER_PASSWORD, type Open } from '../fixture.contract.ts'
import { NOTICES } from './note.ts'
import { allLetters, owner } from './change-address.contract.ts'

const WEEK = 604_800_000

export function noticesContract(name: string, open: Open, skip: string | false = false): void {
  describe(`security notices on ${name}`, { skip }, () => {
    it('tell of a password, a factor and a key, once however many processes look, and name nobody', async () => {
      const { f, id } = await owner(open)
      await f.accounts.credentials.setPassword(id, new Secret(OTHER_PASSWORD), CLI)
      f.clock.now += 1
      const session = await f.signIn('bob', { password: OTHER_PASSWORD })
      assert.ok(session.ok)
      await enrol(f.accounts, session.token.reveal(), () => f.clock.now)
      f.clock.now += 1
      await f.accounts.apiKeys.create({ userId: id, name: 'a key', scopes: [] }, CLI)
      const written = await race(5, () => f.accounts.notices.sweep(f.clock.now))
      assert.equal(
        written.reduce((sum, one) => sum + one),
        3,
      )
      const letters = await f.letters()
      assert.deepEqual(
        letters.map(({ data }) => data['what']).toSorted(),
        [NOTICES['password-set'], NOTICES['factor-enrolled'], NOTICES['key-created']].toSorted(),
      )
      for (const { to, data } of letters) {
        assert.equal(to, 'bob@old.example')
        assert.deepEqual(Object.keys(data).toSorted(), ['days', 'link', 'what', 'when'])
      }
      assert.equal(await f.accounts.notices.sweep(f.clock.now), 0)
    })

    it('go to a verified address alone, and nothing is kept for who has none (L102)', async () => {
      const { f, id } = await owner(open)
      await f.address(id, 'bob@old.example', false)
      await f.accounts.credentials.setPassword(id, new Secret(OTHER_PASSWORD), CLI)
      assert.deepEqual(await allLetters(f), [])
      assert.deepEqual(await f.database.kysely.selectFrom('hf_notices').selectAll().execute(), [])
    })

    it('tell of a sign-in from another browser or network, once for each, and not of the first or of an update', async () => {
      const { f } = await owner(open)
      assert.deepEqual(await allLetters(f), [], 'the first is the one in which the account was opened')
      const comings = [
        ['192.0.2.7', 'test/1.0', 0],
        ['192.0.2.7', 'test/2.5.1', 0],
        ['203.0.113.9', 'test/2.5.1', 1],
        ['203.0.113.9', 'test/1.0', 0],
        ['203.0.113.9', 'other/1.0', 1],
      ] as const
      for (const [network, userAgent, told] of comings) {
        await f.session('bob', from(network, { userAgent }))
        const letters = await allLetters(f)
        assert.equal(letters.length, told, `${network} ${userAgent}`)
        if (told > 0) assert.equal(letters[0]!.data['what'], NOTICES['new-device'])
        f.clock.now += 1
      }
      await f.signIn('bob', { password: 'wrong', from: from('198.51.100.1') })
      assert.deepEqual(await allLetters(f), [], 'nothing of who did not get in')
    })

    it('forget a device that was not seen for half a year', async () => {
      const { f } = await owner(open)
      f.clock.now += 180 * 86_400_000
      await f.accounts.notices.sweep(f.clock.now)
      assert.deepEqual(await f.database.kysely.selectFrom('hf_devices').selectAll().execute(), [])
    })

    it('lead to a link that closes the account to others, once, and opens nothing (L06, L25)', async () => {
      const { f, id, holds } = await owner(open)
      await f.accounts.apiKeys.create({ userId: id, name: 'a key', scopes: [] }, CLI)
      const token = f.tokenOf(await allLetters(f), 'notice')
      const { notMe, recovery } = f.accounts.doors
      assert.equal(await notMe.read(token), NOTICES['key-created'])
      assert.equal(await notMe.read(token), NOTICES['key-created'], 'looking uses nothing up')
      await recovery.ask({ who: 'bob', life: 1_800_000 }, from())
      const pending = f.tokenOf(await f.letters(), 'recover')
      f.takeEvents()
      const results = await race(20, () => notMe.act(token, from()))
      assert.equal(results.filter(({ ok }) => ok).length, 1)
      const events = f.takeEvents()
      for (const type of ['authn_taken_back', 'session_ended', 'authn_token_revoked']) assert.ok(events.includes(type), type)
      assert.ok(!events.includes('session_created'))
      assert.equal(await holds(), false)
      assert.deepEqual(
        (await f.accounts.apiKeys.list(id, f.clock.now)).filter(({ status }) => status === 'active'),
        [],
      )
      assert.equal(await recovery.read(pending), undefined, 'links that open the account are over')
      assert.equal((await f.signIn('bob')).ok, false)
      await recovery.ask({ who: 'bob', life: 1_800_000 }, from())
      const recover = f.tokenOf(await f.letters(), 'recover')
      assert.ok((await recovery.set({ token: recover, password: new Secret(OTHER_PASSWORD) }, from())).ok, 'nobody is locked out')
      assert.ok((await f.signIn('bob', { password: OTHER_PASSWORD })).ok)
    })

    it('hold for a week, for the address they went to, and for who may come in (L35, L36)', async () => {
      for (const end of ['time', 'address', 'disabled']) {
        const { f, id } = await owner(open)
        await f.accounts.credentials.setPassword(id, new Secret(OTHER_PASSWORD), CLI)
        const token = f.tokenOf(await allLetters(f), 'notice')
        if (end === 'time') f.clock.now += WEEK
        if (end === 'address') await f.address(id, 'bob@other.example')
        if (end === 'disabled') await f.accounts.users.disable(id, CLI)
        assert.deepEqual(await f.accounts.doors.notMe.act(token, from()), { ok: false, reason: 'void' }, end)
        await f.accounts.users.enable(id, CLI)
        assert.ok((await f.signIn('bob', { password: OTHER_PASSWORD })).ok, end)
      }
    })

    it('make a void password cost as much to try as any other (L73)', async () => {
      const { f, id } = await owner(open)
      await f.accounts.credentials.setPassword(id, new Secret(OTHER_PASSWORD), CLI)
      const token = f.tokenOf(await allLetters(f), 'notice')
      const count = async () => {
        f.work.reset()
        const answer = await f.signIn('bob', { password: 'something else entirely' })
        return { answer, counts: { ...f.work.counts } }
      }
      const before = await count()
      assert.ok((await f.accounts.doors.notMe.act(token, from())).ok)
      assert.deepEqual(await count(), before)
    })

    it('say when too much is being hashed, and use nothing up then', async () => {
      const { f, id } = await owner(open)
      await f.accounts.credentials.setPassword(id, new Secret(OTHER_PASSWORD), CLI)
      const token = f.tokenOf(await allLetters(f), 'notice')
      const busy = f.twin({ hasher: fullHasher })
      assert.deepEqual(await busy.doors.notMe.act(token, from()), { ok: false, reason: 'busy', retryAfter: 3 })
      assert.ok((await f.accounts.doors.notMe.act(token, from())).ok)
    })

    it('are dropped where no mail is set up', async () => {
      const f = await fixture(open, { outbox: undefined })
      const { id } = await f.user('bob')
      await f.address(id, 'bob@mail.example')
      await f.accounts.credentials.setPassword(id, new Secret(OTHER_PASSWORD), CLI)
      assert.equal(await f.accounts.notices.sweep(f.clock.now), 0)
      assert.deepEqual(await f.database.kysely.selectFrom('hf_notices').selectAll().execute(), [])
    })
  })
}
