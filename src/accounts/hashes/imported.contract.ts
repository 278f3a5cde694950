/** What imported hashes must hold on every database: sign-in, rehash by compare and swap, the same work for all, wrapping at once. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { createHasher } from '../../crypto/password/hasher.ts'
import { Secret } from '../../crypto/secret.ts'
import { race } from '../../../test/support/race.ts'
import { CHEAP, CLI, fixture, from, OTHER_PASSWORD, PASSWORD, type Fixture, type Open } from '../fixture.contract.ts'

/** As Django before 1.4 made it, from a password that our policy would refuse. */
const SHORT = 'letmein'
const hashOf = (password: string, salt = 'abc') =>
  `sha1$${salt}$${createHash('sha1')
    .update(salt + password)
    .digest('hex')}`

async function imported(f: Fixture, login: string, more: { passwordHash?: string; disabled?: boolean } = {}) {
  const created = await f.accounts.users.create({ login, roles: ['member'], passwordHash: hashOf(SHORT), ...more }, CLI)
  assert.ok(created.ok)
  return created.user
}

async function stored(f: Fixture, userId: string): Promise<{ value: string; version: number }> {
  return (await f.database.kysely
    .selectFrom('hf_credentials')
    .selectAll()
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow()) as { value: string; version: number }
}

export function importedContract(name: string, open: Open, skip: string | false = false): void {
  describe(`imported passwords on ${name}`, { skip }, () => {
    it('let their user in once as they are, and afterwards as ours', async () => {
      const f = await fixture(open)
      const user = await imported(f, 'bob')
      assert.ok(!(await f.signIn('bob', { password: OTHER_PASSWORD })).ok)
      assert.equal((await stored(f, user.id)).value, hashOf(SHORT), 'a wrong password changes nothing')
      assert.ok((await f.signIn('bob', { password: SHORT })).ok)
      const after = await stored(f, user.id)
      assert.match(after.value, /^\$argon2id\$/)
      assert.equal(after.version, 1)
      assert.ok((await f.signIn('bob', { password: SHORT })).ok)
    })

    it('are refused when they cannot be verified, and no user is made', async () => {
      const f = await fixture(open)
      for (const passwordHash of ['plain$$letmein', 'nonsense', '', 'scrypt:1048576:8:1$salt$abcd', `${hashOf(SHORT)}\0`]) {
        const created = await f.accounts.users.create({ login: 'bob', passwordHash }, CLI)
        assert.deepEqual(created, { ok: false, reason: 'hash-unreadable' })
      }
      assert.equal(await f.accounts.users.byLogin('bob'), undefined)
    })

    it('do not open a door to who is disabled from the beginning', async () => {
      const f = await fixture(open)
      const user = await imported(f, 'bob', { disabled: true })
      assert.equal(user.status, 'disabled')
      assert.deepEqual(await f.signIn('bob', { password: SHORT }), { ok: false, reason: 'denied' })
    })

    it('cost as much as no account, our own, and a disabled one, right or wrong (L73)', async () => {
      const f = await fixture(open, { limits: { network: { limit: 1000, period: 1000 } } })
      await f.user('ours')
      await imported(f, 'old')
      await imported(f, 'gone', { disabled: true })
      await f.accounts.credentials.levelWork()
      const seen = []
      for (const [login, password] of [
        ['nobody', SHORT],
        ['ours', OTHER_PASSWORD],
        ['old', OTHER_PASSWORD],
        ['gone', SHORT],
        ['gone', OTHER_PASSWORD],
      ] as const) {
        f.work.reset()
        const answer = await f.signIn(login, { password, from: from(`net-${seen.length}`) })
        seen.push({ answer, ...f.work.counts })
      }
      assert.equal(seen[0]!.hash, 3, 'one hash of ours, and the two that a salted digest may be')
      for (const one of seen) assert.deepEqual(one, seen[0])
    })

    it('are made again once when twenty sign in at the same moment', async () => {
      const f = await fixture(open)
      const user = await imported(f, 'bob')
      const answers = await race(20, (index) => f.signIn('bob', { password: SHORT, from: from(`net-${index}`) }))
      assert.ok(answers.some(({ ok }) => ok))
      const { value, version } = await stored(f, user.id)
      assert.match(value, /^\$argon2id\$/)
      assert.equal(version, 1)
      f.clock.now += 900_000
      assert.ok((await f.signIn('bob', { password: SHORT })).ok)
    })

    it('are wrapped all at once, which ends nobody and is done once', async () => {
      const f = await fixture(open)
      const own = await f.user('ours')
      const users = []
      for (let index = 0; index < 7; index++) users.push(await imported(f, `old-${index}`))
      const before = (await stored(f, own.id)).value
      f.takeEvents()
      const told: number[] = []
      assert.deepEqual(await f.accounts.credentials.wrapImported(CLI, (count) => told.push(count)), { wrapped: 7, unreadable: 0 })
      assert.deepEqual(told, [7])
      assert.deepEqual(f.takeEvents(), ['authn_password_wrap'])
      for (const { id } of users) assert.match((await stored(f, id)).value, /^\$hf-wrap\$/)
      assert.equal((await stored(f, own.id)).value, before)
      assert.deepEqual(await f.accounts.credentials.wrapImported(CLI), { wrapped: 0, unreadable: 0 })
      assert.ok(!(await f.signIn('old-3', { password: OTHER_PASSWORD })).ok)
      assert.ok((await f.signIn('old-3', { password: SHORT })).ok)
      assert.match((await stored(f, users[3]!.id)).value, /^\$argon2id\$/)
    })

    it('are wrapped by one of twenty processes each', async () => {
      const f = await fixture(open)
      for (let index = 0; index < 3; index++) await imported(f, `old-${index}`)
      const counts = await race(20, () => f.twin().credentials.wrapImported(CLI))
      assert.equal(
        counts.reduce((sum, { wrapped }) => sum + wrapped, 0),
        3,
      )
      assert.ok((await f.signIn('old-1', { password: SHORT })).ok)
    })

    it('are not wrapped over a password that was set meanwhile', async () => {
      const f = await fixture(open)
      const user = await imported(f, 'bob')
      const inner = createHasher(CHEAP)
      const { credentials } = f.twin({
        hasher: {
          ...inner,
          async wrap(value) {
            await f.accounts.credentials.setPassword(user.id, new Secret(OTHER_PASSWORD), CLI)
            return await inner.wrap(value)
          },
        },
      })
      assert.deepEqual(await credentials.wrapImported(CLI), { wrapped: 0, unreadable: 0 })
      assert.ok(!(await f.signIn('bob', { password: SHORT })).ok)
      assert.ok((await f.signIn('bob', { password: OTHER_PASSWORD })).ok)
    })
  })

  describe(`leaked passwords on ${name}`, { skip }, () => {
    it('are not set, and a service that fails decides as it was told', async () => {
      const answers = {
        leaked: { known: true, leaked: true },
        fine: { known: true, leaked: false },
        open: { known: false, refuse: false },
        closed: { known: false, refuse: true },
      } as const
      const seen: Record<string, unknown> = {}
      for (const [kind, answer] of Object.entries(answers)) {
        const f = await fixture(open, { leaks: () => Promise.resolve(answer) })
        const created = await f.accounts.users.create({ login: 'bob', password: new Secret(PASSWORD) }, CLI)
        seen[kind] = [created.ok || created.reason, ...f.takeEvents()]
      }
      assert.deepEqual(seen, {
        leaked: ['leaked'],
        fine: [true, 'user_created'],
        open: [true, 'sys_leak_check_lost', 'user_created'],
        closed: ['unchecked', 'sys_leak_check_lost'],
      })
    })
  })
}
