/** What sessions must hold on every database: fixation, replay, resurrection, forged tokens, ends, rotation. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sha256 } from '../../crypto/hash.ts'
import { Secret } from '../../crypto/secret.ts'
import { race } from '../../../test/support/race.ts'
import { CLI, fixture, from, OTHER_PASSWORD, PASSWORD, type Open } from '../fixture.contract.ts'
import { countSessions } from './count.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

export function sessionsContract(name: string, open: Open, skip: string | false = false): void {
  describe(`sessions on ${name}`, { skip }, () => {
    it('finds who asks by the token, and keeps only its hash', async () => {
      const f = await fixture(open)
      const user = await f.user('bob')
      const { token, session } = await f.session('bob', from('192.0.2.7', { userAgent: 'Mozilla\0/5.0' }))
      const found = await f.accounts.sessions.find(token.reveal(), f.clock.now)
      assert.ok(found.ok)
      assert.deepEqual(found.session, session)
      assert.equal(found.rotate, false)
      assert.equal(found.principal.id, user.id)
      assert.equal(session.userAgent, 'Mozilla /5.0')
      assert.deepEqual(session.proofs, [{ door: 'password', amr: 'pwd', at: f.clock.now }])
      const rows = await f.database.kysely.selectFrom('hf_sessions').selectAll().execute()
      assert.equal(rows[0]!['hash'], sha256(token.reveal()))
      assert.ok(!JSON.stringify(rows).includes(token.reveal()))
    })

    it('ends the session that the browser had before, whoever’s it was (A91)', async () => {
      const f = await fixture(open)
      await f.user('bob')
      await f.user('mallory')
      const planted = await f.session('mallory')
      const result = await f.signIn('bob', { replaces: planted.token.reveal() })
      assert.ok(result.ok)
      assert.notEqual(result.token.reveal(), planted.token.reveal())
      assert.deepEqual(await f.accounts.sessions.find(planted.token.reveal(), f.clock.now), { ok: false, reason: 'ended' })
      const unknown = await f.signIn('bob', { replaces: 'chosen-by-somebody-else' })
      assert.ok(unknown.ok && unknown.token.reveal() !== 'chosen-by-somebody-else')
    })

    it('are counted as long as they live', async () => {
      const f = await fixture(open)
      await f.user('bob')
      const count = (at = f.clock.now) => countSessions(f.database, { idle: HOUR, absolute: 24 * HOUR }, at)
      assert.equal(await count(), 0)
      const { token } = await f.session('bob')
      for (const _ of [1, 2]) await f.session('bob')
      assert.equal(await count(), 3)
      await f.accounts.sessions.endByToken(token.reveal())
      assert.deepEqual([await count(), await count(f.clock.now + HOUR)], [2, 0])
    })

    it('does not end the session before when the sign-in fails', async () => {
      const f = await fixture(open)
      await f.user('bob')
      const { token } = await f.session('bob')
      await f.signIn('bob', { password: OTHER_PASSWORD, replaces: token.reveal() })
      assert.ok((await f.accounts.sessions.find(token.reveal(), f.clock.now)).ok)
    })

    it('knows an ended token again (A93), until it is swept', async () => {
      const f = await fixture(open)
      await f.user('bob')
      const { token } = await f.session('bob')
      assert.equal(await f.accounts.sessions.endByToken(token.reveal()), true)
      assert.equal(await f.accounts.sessions.endByToken(token.reveal()), false)
      assert.deepEqual(await f.accounts.sessions.find(token.reveal(), f.clock.now), { ok: false, reason: 'ended' })
      assert.equal(await f.accounts.sessions.sweep(f.clock.now + 6 * 24 * HOUR), 0)
      assert.equal(await f.accounts.sessions.sweep(f.clock.now + 8 * 24 * HOUR), 1)
      assert.deepEqual(await f.accounts.sessions.find(token.reveal(), f.clock.now), { ok: false, reason: 'unknown' })
    })

    it('does not revive an ended session by a late write, use or rotation (A94, L29)', async () => {
      const f = await fixture(open)
      await f.user('bob')
      const { token, session } = await f.session('bob')
      await f.accounts.sessions.endByToken(token.reveal())
      f.clock.now += 2 * MINUTE
      assert.equal(await f.accounts.sessions.write(token.reveal(), session.version, { cart: 1 }, f.clock.now), false)
      assert.equal(await f.accounts.sessions.rotate(token.reveal(), f.clock.now), undefined)
      assert.deepEqual(await f.accounts.sessions.find(token.reveal(), f.clock.now), { ok: false, reason: 'ended' })
      assert.deepEqual(await f.accounts.sessions.list(session.userId, f.clock.now), [])
    })

    it('writes only over the version that was read: of two at once one wins', async () => {
      const f = await fixture(open)
      await f.user('bob')
      const { token, session } = await f.session('bob')
      const wins = await race(10, (i) => f.accounts.sessions.write(token.reveal(), session.version, { by: i }, f.clock.now))
      assert.equal(wins.filter(Boolean).length, 1)
      const found = await f.accounts.sessions.find(token.reveal(), f.clock.now)
      assert.ok(found.ok)
      assert.deepEqual(found.session.data, { by: wins.indexOf(true) })
      assert.equal(found.session.version, session.version + 1)
    })

    it('refuses more than 4 KiB of data', async () => {
      const f = await fixture(open)
      await f.user('bob')
      const { token, session } = await f.session('bob')
      const write = (length: number) =>
        f.accounts.sessions.write(token.reveal(), session.version, { text: 'ä'.repeat(length) }, f.clock.now)
      await assert.rejects(write(2048), /HF_OPTION_INVALID: The data of a session/)
      assert.equal(await write(2040), true)
    })

    it('refuses truncated, lengthened, flipped and foreign tokens with a reason, and nothing throws (A96)', async () => {
      const f = await fixture(open)
      await f.user('bob')
      const token = (await f.session('bob')).token.reveal()
      const flipped = (token[0] === 'A' ? 'B' : 'A') + token.slice(1)
      const reasons: [string, string][] = [
        ['', 'malformed'],
        [token.slice(0, -1), 'malformed'],
        [`${token}A`, 'malformed'],
        [`${token}=`, 'malformed'],
        [` ${token}`, 'malformed'],
        [token.slice(0, -1) + '+', 'malformed'],
        [token.slice(0, -1) + '\0', 'malformed'],
        ['é'.repeat(43), 'malformed'],
        ['x'.repeat(100_000), 'malformed'],
        [sha256(token), 'unknown'],
        [flipped, 'unknown'],
        [token.toUpperCase(), 'unknown'],
      ]
      for (const [text, reason] of reasons) {
        assert.deepEqual(await f.accounts.sessions.find(text, f.clock.now), { ok: false, reason }, text.slice(0, 50))
        assert.equal(await f.accounts.sessions.rotate(text, f.clock.now), undefined)
        assert.equal(await f.accounts.sessions.write(text, 1, {}, f.clock.now), false)
        assert.equal(await f.accounts.sessions.endByToken(text), false)
      }
      assert.ok((await f.accounts.sessions.find(token, f.clock.now)).ok)
    })

    it('ends after half an hour without use, and after twelve hours whatever the use', async () => {
      const f = await fixture(open)
      await f.user('bob')
      const idle = (await f.session('bob')).token.reveal()
      const busy = (await f.session('bob')).token.reveal()
      const start = f.clock.now
      const found = async (token: string, at: number) => {
        const result = await f.accounts.sessions.find(token, at)
        return result.ok ? 'ok' : result.reason
      }
      assert.equal(await found(idle, start + 30 * MINUTE - 1), 'ok')
      assert.equal(await found(idle, start + 60 * MINUTE), 'expired')
      for (let at = start; at < start + 12 * HOUR; at += 20 * MINUTE) assert.equal(await found(busy, at), 'ok')
      assert.equal(await found(busy, start + 12 * HOUR - 1), 'ok')
      assert.equal(await found(busy, start + 12 * HOUR), 'expired')
      assert.equal(await f.accounts.sessions.rotate(busy, start + 12 * HOUR), undefined)
    })

    it('notes use at most once a minute', async () => {
      const f = await fixture(open)
      await f.user('bob')
      const token = (await f.session('bob')).token.reveal()
      f.work.reset()
      for (let i = 1; i <= 59; i++) await f.accounts.sessions.find(token, f.clock.now + i * 1000)
      assert.equal(f.work.counts.query, 59)
      await f.accounts.sessions.find(token, f.clock.now + MINUTE)
      assert.equal(f.work.counts.query, 61)
    })

    it('shortens living sessions when the configured length is shortened', async () => {
      const f = await fixture(open)
      await f.user('bob')
      const token = (await f.session('bob')).token.reveal()
      const strict = f.twin({ sessions: { idle: 5 * MINUTE, absolute: HOUR } })
      const at = (await strict.sessions.find(token, f.clock.now + 5 * MINUTE)) as { reason?: string }
      assert.equal(at.reason, 'expired')
      assert.ok((await f.accounts.sessions.find(token, f.clock.now + 5 * MINUTE)).ok)
    })

    it('rotates to one new token; the old one is dead, the handle and the end stay', async () => {
      const f = await fixture(open)
      await f.user('bob')
      const { token, session } = await f.session('bob')
      await f.accounts.sessions.write(token.reveal(), 1, { theme: 'dark' }, f.clock.now)
      f.clock.now += MINUTE
      const tokens = await race(10, () => f.accounts.sessions.rotate(token.reveal(), f.clock.now))
      const [renewed, ...more] = tokens.filter((one) => one !== undefined)
      assert.ok(renewed && more.length === 0)
      assert.equal(renewed.session.id, session.id)
      assert.equal(renewed.session.expiresAt, session.expiresAt)
      assert.deepEqual(renewed.session.data, { theme: 'dark' })
      const after = async (time: number) => await f.accounts.sessions.find(token.reveal(), f.clock.now + time)
      assert.deepEqual(await after(0), { ok: false, reason: 'rotated' })
      assert.deepEqual(await after(9999), { ok: false, reason: 'rotated' })
      assert.deepEqual(await after(10_000), { ok: false, reason: 'ended' })
      assert.ok((await f.accounts.sessions.find(renewed.token.reveal(), f.clock.now)).ok)
      assert.equal((await f.accounts.sessions.list(session.userId, f.clock.now)).length, 1)
    })

    it('lets a sign-out win over a rotation at the same moment', async () => {
      const f = await fixture(open)
      await f.user('bob')
      for (let round = 0; round < 5; round++) {
        const { token, session } = await f.session('bob')
        const [renewed] = await Promise.all([
          f.accounts.sessions.rotate(token.reveal(), f.clock.now),
          f.accounts.sessions.endByToken(token.reveal()),
        ])
        assert.equal((await f.accounts.sessions.list(session.userId, f.clock.now)).length, 0)
        if (renewed) assert.equal((await f.accounts.sessions.find(renewed.token.reveal(), f.clock.now)).ok, false)
      }
    })

    it('ends one session by its handle, only of its own user, and all but one', async () => {
      const f = await fixture(open)
      const bob = await f.user('bob')
      const eve = await f.user('eve')
      const [one, two, three] = [await f.session('bob'), await f.session('bob'), await f.session('bob')]
      f.takeEvents()
      assert.equal(await f.accounts.sessions.end(eve.id, one.session.id, CLI), false)
      assert.equal(await f.accounts.sessions.end(bob.id, '%', CLI), false)
      assert.deepEqual(f.takeEvents(), [])
      assert.equal(await f.accounts.sessions.end(bob.id, one.session.id, CLI), true)
      assert.equal(await f.accounts.sessions.endAll(bob.id, CLI, { except: two.session.id }), 1)
      assert.deepEqual(f.takeEvents(), ['session_ended', 'session_ended'])
      const listed = await f.accounts.sessions.list(bob.id, f.clock.now)
      assert.deepEqual(
        listed.map(({ id }) => id),
        [two.session.id],
      )
      assert.equal((await f.accounts.sessions.find(three.token.reveal(), f.clock.now)).ok, false)
    })

    it('ends the other sessions when a password is set, and renews the one it was set in (A95)', async () => {
      const f = await fixture(open)
      const user = await f.user('bob')
      const [own, other] = [await f.session('bob'), await f.session('bob')]
      f.takeEvents()
      const keepSession = own.session.id
      const set = await f.accounts.credentials.setPassword(user.id, new Secret(OTHER_PASSWORD), CLI, { keepSession })
      assert.deepEqual(set, { ok: true })
      assert.deepEqual(f.takeEvents(), ['authn_password_change', 'session_ended'])
      assert.deepEqual(await f.accounts.sessions.find(other.token.reveal(), f.clock.now), { ok: false, reason: 'ended' })
      const found = await f.accounts.sessions.find(own.token.reveal(), f.clock.now)
      assert.ok(found.ok && found.rotate)
      const renewed = await f.accounts.sessions.rotate(own.token.reveal(), f.clock.now)
      const again = renewed && (await f.accounts.sessions.find(renewed.token.reveal(), f.clock.now))
      assert.ok(again?.ok && !again.rotate)
    })

    it('leaves no session of the old password, however sign-ins, rotations and the change race (A95)', async () => {
      const f = await fixture(open)
      const user = await f.user('bob')
      const held = await f.session('bob')
      const [, ...results] = await Promise.all([
        f.accounts.credentials.setPassword(user.id, new Secret(OTHER_PASSWORD), CLI),
        f.accounts.sessions.rotate(held.token.reveal(), f.clock.now),
        ...Array.from({ length: 5 }, (_, i) => f.signIn('bob', { from: from(`net-${i}`) })),
      ])
      assert.equal(results.length, 6)
      assert.deepEqual(await f.accounts.sessions.list(user.id, f.clock.now), [])
      assert.equal((await f.signIn('bob', { password: PASSWORD, from: from('later') })).ok, false)
    })
  })
}
