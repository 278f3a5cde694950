/** What the deletion of one's account must hold on every database: shut at once, kept by a link, gone for good, and never the last administrator. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { race } from '../../../test/support/race.ts'
import { enrol, STEP } from '../../../test/support/second-factor.ts'
import { CLI, fixture, from, type Open } from '../fixture.contract.ts'
import { allLetters, owner } from './change-address.contract.ts'

const DAY = 86_400_000
const GRACE = 14 * DAY

/** Somebody with everything, who asked for the end of it. */
async function leaving(open: Open) {
  const one = await owner(open)
  const { f, id } = one
  await f.accounts.apiKeys.create({ userId: id, name: 'a key', scopes: [] }, CLI)
  await allLetters(f)
  const asked = await f.accounts.deletions.ask(id, { grace: GRACE, from: from() })
  assert.ok(asked.ok && asked.told)
  return { ...one, dueAt: asked.dueAt, token: f.tokenOf(await f.letters(), 'deletion') }
}

export function deletionsContract(name: string, open: Open, skip: string | false = false): void {
  describe(`deletion of an account on ${name}`, { skip }, () => {
    it('shuts it at once: sessions, keys and every way in (L06, L64)', async () => {
      const { f, id, holds } = await leaving(open)
      assert.equal(await holds(), false)
      const keys = await f.accounts.apiKeys.list(id, f.clock.now)
      assert.deepEqual(
        keys.filter(({ status }) => status === 'active'),
        [],
      )
      assert.equal((await f.signIn('bob')).ok, false)
      await f.accounts.doors.recovery.ask({ who: 'bob', life: 1_800_000 }, from())
      assert.deepEqual(await allLetters(f), [], 'no letter that lets in')
      assert.ok(f.takeEvents().includes('user_deletion_asked'))
    })

    it('is taken back by the link of the letter until its time, once, and gives no session (L25, L35)', async () => {
      const { f, dueAt, token } = await leaving(open)
      f.clock.now = dueAt - 1
      assert.equal(await f.accounts.deletions.sweep(f.clock.now), 0)
      f.takeEvents()
      const results = await race(20, () => f.accounts.deletions.keep(token, from()))
      assert.equal(results.filter(Boolean).length, 1)
      assert.deepEqual(f.takeEvents(), ['user_deletion_stopped'])
      assert.ok((await f.signIn('bob')).ok)
      f.clock.now = dueAt
      assert.equal(await f.accounts.deletions.sweep(f.clock.now), 0)
    })

    it('takes everything of the user after its time, once, and of nobody else', async () => {
      const { f, id, dueAt, token } = await leaving(open)
      const eve = await f.user('eve')
      await enrol(f.accounts, (await f.session('eve')).token.reveal(), () => f.clock.now)
      f.clock.now = dueAt
      f.takeEvents()
      const results = await race(5, () => f.accounts.deletions.sweep(f.clock.now))
      assert.equal(
        results.reduce((sum, one) => sum + one),
        1,
      )
      assert.deepEqual(f.takeEvents(), ['user_deleted'])
      assert.equal(await f.accounts.deletions.keep(token, from()), false)
      assert.equal(await f.accounts.users.byId(id), undefined)
      const tables = [
        'hf_sessions',
        'hf_api_keys',
        'hf_addresses',
        'hf_links',
        'hf_credentials',
        'hf_devices',
        'hf_notices',
      ] as const
      for (const table of tables) {
        const left = await f.database.kysely.selectFrom(table).selectAll().where('user_id', '=', id).execute()
        assert.deepEqual(left, [], table)
      }
      assert.deepEqual((await f.accounts.factors.of(eve.id)).kinds, ['totp', 'recovery-codes'])
      const again = await f.accounts.users.create({ login: 'bob' }, CLI)
      assert.ok(again.ok && again.user.id !== id, 'the name is free, and whoever takes it is somebody else')
    })

    it('leaves an administrator, also when two go at the same moment', async () => {
      const f = await fixture(open)
      const ids = [(await f.user('ada', ['admin'])).id, (await f.user('grace', ['admin'])).id]
      const asked = await race(2, (i) => f.accounts.deletions.ask(ids[i]!, { grace: GRACE, from: from() }))
      assert.deepEqual(asked.map((one) => (one.ok ? 'ok' : one.reason)).toSorted(), ['last-administrator', 'ok'])
    })

    it('leaves no session to who signs in at the same moment', async () => {
      const { f, id } = await owner(open)
      const [asked] = await Promise.all([
        f.accounts.deletions.ask(id, { grace: GRACE, from: from() }),
        ...Array.from({ length: 5 }, () => f.signIn('bob')),
      ])
      assert.ok(asked.ok)
      assert.deepEqual(await f.accounts.sessions.list(id, f.clock.now), [])
    })

    it('is offered to be stopped to who proves who they are, with all that it takes, and gives no session', async () => {
      const { f, id } = await owner(open)
      const { token } = await f.session('bob')
      const { code } = await enrol(f.accounts, token.reveal(), () => f.clock.now)
      f.clock.now += STEP
      await allLetters(f)
      assert.ok((await f.accounts.deletions.ask(id, { grace: GRACE, from: from() })).ok)
      const half = await f.signIn('bob')
      assert.ok(!half.ok && half.reason === 'second-factor', 'the password alone is offered nothing')
      f.takeEvents()
      const whole = await f.accounts.doors.secondFactor.signIn({ pending: half.pending!.reveal(), code: code() }, from())
      assert.ok(!whole.ok && whole.reason === 'leaving')
      assert.deepEqual(f.takeEvents(), ['authn_factor_used', 'user_deletion_offered'])
      assert.deepEqual(await f.accounts.sessions.list(id, f.clock.now), [])
      const keep = new URL(whole.page.reveal()).searchParams.get('token')!
      const results = await race(20, () => f.accounts.deletions.keep(keep, from()))
      assert.equal(results.filter(Boolean).length, 1)
      assert.equal((await f.accounts.users.byId(id))?.status, 'active')
    })

    it('offers nothing for what is wrong, after a quarter of an hour, and where an operator shut the account out', async () => {
      const { f, id } = await leaving(open)
      assert.deepEqual(await f.signIn('bob', { password: 'wrong' }), { ok: false, reason: 'denied' })
      const offer = async () => {
        const result = await f.signIn('bob')
        return !result.ok && result.reason === 'leaving' ? new URL(result.page.reveal()).searchParams.get('token')! : undefined
      }
      const [first, second] = [await offer(), await offer()]
      f.clock.now += 900_000
      assert.equal(await f.accounts.deletions.keep(first!, from()), false)
      const third = await offer()
      await f.accounts.users.disable(id, CLI)
      for (const token of [second, third]) assert.equal(await f.accounts.deletions.keep(token!, from()), false)
      assert.deepEqual(await f.signIn('bob'), { ok: false, reason: 'denied' })
      const gone = await f.user('gone')
      await f.accounts.users.disable(gone.id, CLI)
      assert.deepEqual(await f.signIn('gone'), { ok: false, reason: 'denied' }, 'who is disabled is offered nothing')
    })

    it('is stopped by an operator, and one who shuts the account out decides for good', async () => {
      const { f, id, dueAt } = await leaving(open)
      assert.ok(await f.accounts.users.enable(id, CLI))
      assert.ok((await f.signIn('bob')).ok)
      f.clock.now = dueAt
      assert.equal(await f.accounts.deletions.sweep(f.clock.now), 0)
      const other = await leaving(open)
      assert.ok((await other.f.accounts.users.disable(other.id, CLI)).ok)
      assert.equal(await other.f.accounts.deletions.keep(other.token, from()), false)
      assert.equal((await other.f.signIn('bob')).ok, false)
    })

    it('is stopped by who says that they know nothing of what happened before', async () => {
      const { f, id } = await owner(open)
      await f.accounts.apiKeys.create({ userId: id, name: 'a key', scopes: [] }, CLI)
      const token = f.tokenOf(await allLetters(f), 'notice')
      await f.accounts.deletions.ask(id, { grace: GRACE, from: from() })
      assert.deepEqual(await f.accounts.doors.notMe.act(token, from()), { ok: true })
      assert.equal((await f.accounts.users.byId(id))?.status, 'active')
      assert.equal((await f.signIn('bob')).ok, false, 'the password is void')
    })

    it('is not for services, nor for who is shut out', async () => {
      const f = await fixture(open)
      const service = await f.accounts.users.createService({ login: 'robot' }, CLI)
      assert.ok(service.ok)
      const { id } = await f.user('bob')
      await f.accounts.users.disable(id, CLI)
      for (const one of [service.user.id, id, 'nobody'])
        assert.deepEqual(await f.accounts.deletions.ask(one, { grace: GRACE, from: from() }), { ok: false, reason: 'denied' })
    })
  })
}
