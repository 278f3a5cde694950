/** What API keys must hold on every database. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { race } from '../../../test/support/race.ts'
import { randomToken } from '../../crypto/random.ts'
import { Secret } from '../../crypto/secret.ts'
import { CLI, fixture, from, PASSWORD, type Fixture, type Open } from '../fixture.contract.ts'
import { mintKey } from './key-text.ts'
import type { ApiKeyFound, NewApiKey } from './types.ts'

const MINUTE = 60_000
const DAY = 86_400_000
const ROLES = { admin: ['*'], editor: ['notes:*', 'files:read'], reader: ['notes:read'], member: [] }

async function world(open: Open) {
  const f = await fixture(open, { roles: ROLES })
  async function key(login: string, more: Partial<NewApiKey> = {}) {
    const user = await f.accounts.users.byLogin(login)
    const made = await f.accounts.apiKeys.create({ userId: user!.id, name: 'export', scopes: [], ...more }, CLI)
    assert.ok(made.ok, made.ok ? '' : made.reason)
    return { ...made, text: made.text.reveal() }
  }
  const admit = async (text: string, network?: string): Promise<ApiKeyFound> =>
    await f.accounts.apiKeys.admit(text, from(network), f.clock.now)
  const reason = async (text: string, network?: string): Promise<string> => {
    const found = await admit(text, network)
    return found.ok ? 'ok' : found.reason
  }
  return { ...f, key, admit, reason }
}

/** What is stored anywhere, as one text. */
async function everything({ database }: Fixture): Promise<string> {
  const rows: unknown[] = []
  for (const table of ['hf_users', 'hf_api_keys', 'hf_value'])
    rows.push(...(await database.statement(`SELECT * FROM ${table}`).all()))
  return JSON.stringify(rows)
}

export function apiKeysContract(name: string, open: Open, skip: string | false): void {
  describe(`${name}: API keys`, { skip }, () => {
    it('say who asks, and store no key', async () => {
      const f = await world(open)
      const user = await f.user('bob', ['editor'])
      f.takeEvents()
      const { key, text } = await f.key('bob', { scopes: ['notes:read'], perMinute: 30 })
      assert.deepEqual(f.takeEvents(), ['authn_token_created'])
      const found = await f.admit(text)
      assert.ok(found.ok)
      const { permissions, ...principal } = found.principal
      assert.deepEqual([...permissions], ['notes:read'])
      const rest = { name: 'bob', login: 'bob', roles: [], amr: ['key'], aal: 1, provedAt: 0 }
      assert.deepEqual(principal, { id: user.id, ...rest, apiKey: key.id })
      assert.deepEqual(found.key, { id: key.id, perMinute: 30, expiresAt: f.clock.now + 90 * DAY })
      assert.equal((await everything(f)).includes(text.slice(20)), false)
      assert.equal(JSON.stringify(f.events).includes(text.slice(20)), false)
    })

    it('are listed without what proves them, with their use noted once a minute', async () => {
      const f = await world(open)
      const { id } = await f.user('bob')
      const { text } = await f.key('bob')
      const used = async () => (await f.accounts.apiKeys.list(id, f.clock.now))[0]!.lastUsedAt
      assert.equal(await used(), undefined)
      const first = f.clock.now
      await f.admit(text)
      f.clock.now += MINUTE - 1
      f.work.reset()
      await f.admit(text)
      assert.deepEqual([await used(), f.work.counts.query], [first, 2])
      f.clock.now += 1
      await f.admit(text)
      assert.equal(await used(), f.clock.now)
      assert.equal(JSON.stringify(await f.accounts.apiKeys.list(id, f.clock.now)).includes(text.slice(20)), false)
    })

    it('may never do more than their owner may now', async () => {
      const f = await world(open)
      const { id } = await f.user('bob', ['editor'])
      const { text } = await f.key('bob', { scopes: ['notes:*', 'files:read'] })
      const may = async () => {
        const found = await f.admit(text)
        return found.ok ? [...found.principal.permissions, ...found.principal.roles].toSorted() : found.reason
      }
      assert.deepEqual(await may(), ['files:read', 'notes:*'])
      await f.accounts.users.setRoles(id, ['reader'], CLI)
      assert.deepEqual(await may(), ['notes:read'])
      await f.accounts.users.setRoles(id, ['member'], CLI)
      assert.deepEqual(await may(), [])
      await f.accounts.users.setRoles(id, ['admin'], CLI)
      assert.deepEqual(await may(), ['files:read', 'notes:*'])
    })

    it('have the roles of their owner only when they may everything', async () => {
      const f = await world(open)
      await f.user('root', ['admin'])
      for (const [scopes, roles] of [
        [['notes:read'], []],
        [['*'], ['admin']],
      ] as const) {
        const found = await f.admit((await f.key('root', { scopes, name: scopes.join() })).text)
        assert.deepEqual(found.ok && found.principal.roles, roles)
      }
    })

    it('end with their last day, on the millisecond', async () => {
      const f = await world(open)
      const { id } = await f.user('bob')
      const { text } = await f.key('bob', { expiresIn: 7 * DAY })
      f.clock.now += 7 * DAY - 1
      assert.equal(await f.reason(text), 'ok')
      f.clock.now += 1
      assert.equal(await f.reason(text), 'expired')
      assert.equal((await f.accounts.apiKeys.list(id, f.clock.now))[0]!.status, 'expired')
    })

    it('last without end only with a reason, which stands in the log', async () => {
      const f = await world(open)
      await f.user('bob')
      const { key, text } = await f.key('bob', { insecureNoExpiry: 'the device cannot be reached' })
      assert.equal(key.expiresAt, undefined)
      assert.equal(f.events.at(-1)!.data!['insecureNoExpiry'], 'the device cannot be reached')
      f.clock.now += 2000 * DAY
      assert.equal(await f.reason(text), 'ok')
    })

    it('end at once when they are revoked, and say so when they are used again', async () => {
      const f = await world(open)
      const { id } = await f.user('bob')
      const eve = await f.user('eve')
      const { key, text } = await f.key('bob')
      f.takeEvents()
      assert.equal(await f.accounts.apiKeys.revoke(eve.id, key.id, CLI), false)
      assert.equal(await f.accounts.apiKeys.revoke(id, '%', CLI), false)
      assert.equal(await f.reason(text), 'ok')
      assert.equal(await f.accounts.apiKeys.revoke(id, key.id, CLI), true)
      assert.equal(await f.reason(text), 'revoked')
      assert.deepEqual(f.takeEvents(), ['authn_token_revoked', 'authn_token_reuse'])
    })

    it('are revoked by exactly one of many, and made under one name by exactly one of many', async () => {
      const f = await world(open)
      const { id } = await f.user('bob')
      const made = await race(20, () => f.accounts.apiKeys.create({ userId: id, name: 'one', scopes: [] }, CLI))
      assert.equal(made.filter(({ ok }) => ok).length, 1)
      assert.ok(made.every((one) => one.ok || one.reason === 'name-taken'))
      const [{ id: key } = { id: '' }] = await f.accounts.apiKeys.list(id, f.clock.now)
      const revoked = await race(20, () => f.accounts.apiKeys.revoke(id, key, CLI))
      assert.equal(revoked.filter(Boolean).length, 1)
      assert.equal(f.events.filter(({ type }) => type === 'authn_token_revoked').length, 1)
    })

    it('[L06] die with their owner, and stay dead when the owner is enabled again', async () => {
      const f = await world(open)
      const { id } = await f.user('bob')
      const { text } = await f.key('bob')
      await f.key('bob', { name: 'other' })
      f.takeEvents()
      await f.accounts.users.disable(id, CLI)
      assert.equal(await f.reason(text), 'revoked')
      assert.deepEqual(f.takeEvents(), ['user_updated', 'authn_token_revoked', 'authn_token_reuse'])
      const again = await f.accounts.apiKeys.create({ userId: id, name: 'late', scopes: [] }, CLI)
      assert.deepEqual(again, { ok: false, reason: 'user-disabled' })
      await f.accounts.users.enable(id, CLI)
      assert.equal(await f.reason(text), 'revoked')
    })

    it('[L06] are refused when the owner was disabled past Holdfast', async () => {
      const f = await world(open)
      const { id } = await f.user('bob')
      const { text } = await f.key('bob')
      await f.database.statement(`UPDATE hf_users SET status = 'disabled' WHERE id = ?`).run(id)
      assert.equal(await f.reason(text), 'user-disabled')
    })

    it('[L34] [L37] are refused cut, lengthened, in other case, empty or with another checksum', async () => {
      const f = await world(open)
      await f.user('bob')
      const { text } = await f.key('bob')
      const flipped = text.slice(0, -1) + (text.endsWith('0') ? '1' : '0')
      const wrong = [
        ...['', 'hf_key_', 'null', '0', ' ', '\0', 'a'.repeat(5000), `${text} `, ` ${text}`, `${text}\n`],
        ...[text.slice(0, -1), text.slice(1), text.toUpperCase(), text.toLowerCase(), flipped, text.replace('hf_key_', '')],
      ]
      for (const [index, one] of wrong.entries()) assert.equal(await f.reason(one, `net-${index}`), 'malformed', one)
      assert.equal(await f.reason(text), 'ok')
    })

    it('cost the same when they are wrong, whatever is wrong with them', async () => {
      const f = await world(open)
      const bob = await f.user('bob')
      const gone = await f.user('gone')
      const expired = (await f.key('bob', { expiresIn: DAY, name: 'old' })).text
      f.clock.now += DAY
      const { key, text: revoked } = await f.key('bob')
      await f.accounts.apiKeys.revoke(bob.id, key.id, CLI)
      const disabled = (await f.key('gone')).text
      await f.database.statement(`UPDATE hf_users SET status = 'disabled' WHERE id = ?`).run(gone.id)
      const unknown = mintKey(randomToken).text.reveal()
      const seen: unknown[] = []
      for (const [index, text] of [expired, revoked, disabled, unknown, 'nonsense'].entries()) {
        f.work.reset()
        f.takeEvents()
        const { ok } = await f.admit(text, `net-${index}`)
        seen.push({ ok, ...f.work.counts, events: f.takeEvents().length })
      }
      assert.equal(new Set(seen.map((one) => JSON.stringify(one))).size, 1, JSON.stringify(seen))
    })

    it('can be guessed only so often from one network, in any process; a key that was right lately passes', async () => {
      const f = await world(open)
      await f.user('bob')
      const [{ text }, { text: other }] = [await f.key('bob'), await f.key('bob', { name: 'other' })]
      assert.equal(await f.reason(text, 'office'), 'ok')
      for (let guess = 0; guess < 20; guess++) assert.equal(await f.reason(`guess-${guess}`, 'office'), 'malformed')
      f.work.reset()
      assert.equal(await f.reason('one more', 'office'), 'throttled')
      assert.equal(await f.reason(other, 'office'), 'throttled', 'a right guess is not looked at')
      const refused = await f.admit('one more', 'office')
      assert.ok(!refused.ok && refused.reason === 'throttled' && refused.retryAfter >= 1 && refused.retryAfter <= 300)
      assert.equal(await f.reason(text, 'office'), 'ok')
      assert.equal(await f.reason(other, 'elsewhere'), 'ok')
      const twin = f.twin()
      const elsewhere = await twin.apiKeys.admit('guess', from('office'), f.clock.now)
      assert.equal(!elsewhere.ok && elsewhere.reason, 'throttled')
      f.clock.now += 5 * MINUTE
      assert.equal(await f.reason(other, 'office'), 'ok')
    })

    it('take nothing from the count of a network while they are right', async () => {
      const f = await world(open)
      await f.user('bob')
      const { text } = await f.key('bob')
      await f.reason('wrong', 'office')
      for (let other = 0; other < 25; other++)
        assert.equal(await f.reason((await f.key('bob', { name: `key ${other}` })).text, 'office'), 'ok')
      const twin = f.twin()
      for (let asked = 0; asked < 30; asked++) {
        const found = await twin.apiKeys.admit(text, from('office'), f.clock.now)
        assert.ok(found.ok)
      }
      for (let guess = 1; guess < 20; guess++) assert.equal(await f.reason(`guess-${guess}`, 'office'), 'malformed')
      assert.equal(await f.reason('guess', 'office'), 'throttled')
    })

    it('are refused with what they cannot be, and with what the owner may not', async () => {
      const f = await world(open)
      const { id } = await f.user('bob', ['reader'])
      const cases: [Partial<NewApiKey>, string][] = [
        [{ userId: 'nobody' }, 'unknown-user'],
        [{ name: ' ' }, 'name-invalid'],
        [{ name: 'a\u202Eb' }, 'name-invalid'],
        [{ name: 'x'.repeat(81) }, 'name-invalid'],
        [{ scopes: ['Notes'] }, 'scope-invalid'],
        [{ scopes: ['notes:read notes:write'] }, 'scope-invalid'],
        [{ scopes: Array.from({ length: 51 }, (_, index) => `notes:n${index}`) }, 'scope-invalid'],
        [{ scopes: ['notes:write'] }, 'scope-not-held'],
        [{ scopes: ['notes:*'] }, 'scope-not-held'],
        [{ scopes: ['*'] }, 'scope-not-held'],
        [{ expiresIn: 366 * DAY }, 'expiry-invalid'],
        [{ expiresIn: 0 }, 'expiry-invalid'],
        [{ expiresIn: Infinity }, 'expiry-invalid'],
        [{ expiresIn: Number.NaN }, 'expiry-invalid'],
        [{ insecureNoExpiry: 'why not' }, 'expiry-invalid'],
        [{ perMinute: 0 }, 'limit-invalid'],
        [{ perMinute: 1.5 }, 'limit-invalid'],
      ]
      for (const [more, expected] of cases) {
        const made = await f.accounts.apiKeys.create({ userId: id, name: 'export', scopes: [], ...more }, CLI)
        assert.deepEqual(made, { ok: false, reason: expected })
      }
      assert.deepEqual(await f.accounts.apiKeys.list(id, f.clock.now), [])
    })

    it('are at most 50 alive for one owner', async () => {
      const f = await world(open)
      const { id } = await f.user('bob')
      for (let made = 0; made < 50; made++) await f.key('bob', { name: `key ${made}` })
      const more = () => f.accounts.apiKeys.create({ userId: id, name: 'more', scopes: [] }, CLI)
      assert.deepEqual(await more(), { ok: false, reason: 'too-many' })
      assert.equal(await f.accounts.apiKeys.revokeAll(id, CLI), 50)
      assert.equal(await f.accounts.apiKeys.revokeAll(id, CLI), 0)
      assert.ok((await more()).ok)
    })

    it('are forgotten 90 days after their end', async () => {
      const f = await world(open)
      await f.user('bob')
      await f.key('bob', { expiresIn: DAY })
      const { text } = await f.key('bob', { name: 'stays', expiresIn: 365 * DAY })
      f.clock.now += 91 * DAY
      assert.equal(await f.accounts.apiKeys.sweep(f.clock.now), 0)
      f.clock.now += 1
      assert.equal(await f.accounts.apiKeys.sweep(f.clock.now), 1)
      assert.equal(await f.reason(text), 'ok')
    })

    it('are remembered for a moment, until anything is written', async () => {
      const f = await world(open)
      const { id } = await f.user('bob', ['editor'])
      const { key, text } = await f.key('bob', { scopes: ['notes:read'] })
      const quick = f.twin({ remember: 100, roles: ROLES })
      const found = async () => await quick.apiKeys.admit(text, from(), f.clock.now)
      await found()
      await found()
      f.work.reset()
      assert.ok((await found()).ok)
      assert.equal(f.work.counts.query, 0)
      await quick.users.setRoles(id, ['member'], CLI)
      const lowered = await found()
      assert.deepEqual(lowered.ok && [...lowered.principal.permissions], [])
      await quick.apiKeys.revoke(id, key.id, CLI)
      assert.equal((await found()).ok, false)
      const short = (await f.key('bob', { name: 'short', expiresIn: 60 * MINUTE })).text
      f.clock.now += 60 * MINUTE - 50
      const last = async () => (await quick.apiKeys.admit(short, from(), f.clock.now)).ok
      assert.deepEqual([await last(), await last()], [true, true])
      f.clock.now += 50
      assert.equal(await last(), false)
    })
  })

  describe(`${name}: services`, { skip }, () => {
    it('have keys, and no way to sign in', async () => {
      const f = await world(open)
      const made = await f.accounts.users.createService({ login: 'robot', roles: ['reader'] }, CLI)
      assert.ok(made.ok && made.user.kind === 'service')
      const { text } = await f.key('robot', { scopes: ['notes:read'] })
      assert.equal(await f.reason(text), 'ok')
      const set = await f.accounts.credentials.setPassword(made.user.id, new Secret(PASSWORD), CLI)
      assert.deepEqual(set, { ok: false, reason: 'service-account' })
      assert.equal((await f.signIn('robot')).ok, false)
    })

    it('cannot sign in even with a password that somebody wrote past Holdfast', async () => {
      const f = await world(open)
      const person = await f.user('ada')
      const made = await f.accounts.users.createService({ login: 'robot' }, CLI)
      assert.ok(made.ok)
      const copy = `INSERT INTO hf_credentials (user_id, kind, value, version, updated_at)
        SELECT '${made.user.id}', kind, value, version, updated_at FROM hf_credentials WHERE user_id = ?`
      await f.database.statement(copy).run(person.id)
      assert.equal((await f.signIn('ada')).ok, true)
      assert.equal((await f.signIn('robot', { from: from('other') })).ok, false)
      assert.deepEqual(await f.accounts.sessions.list(made.user.id, f.clock.now), [])
    })

    it('count for no administrator, and leave set-up open', async () => {
      const f = await world(open)
      const made = await f.accounts.users.createService({ login: 'robot', roles: ['admin'] }, CLI)
      assert.ok(made.ok)
      assert.equal(await f.accounts.setUp.open(), true)
      assert.equal((await f.accounts.users.disable(made.user.id, CLI)).ok, true, 'a service is not the last administrator')
      await f.accounts.users.enable(made.user.id, CLI)
      const root = await f.user('root', ['admin'])
      assert.equal(await f.accounts.setUp.open(), false)
      assert.equal((await f.accounts.users.disable(root.id, CLI)).ok, false)
      assert.equal((await f.accounts.users.setRoles(root.id, [], CLI)).reason, 'last-administrator')
      assert.equal((await f.accounts.users.disable(made.user.id, CLI)).ok, true)
    })
  })
}
