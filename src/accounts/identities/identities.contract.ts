/** What every database must do with identities of other providers. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { race } from '../../../test/support/race.ts'
import { enrol, STEP } from '../../../test/support/second-factor.ts'
import { Secret } from '../../crypto/secret.ts'
import { addressOf, ownerOf, readAddress } from '../addresses/addresses.ts'
import { NOTICES } from '../profile/note.ts'
import { CLI, fixture, from, type Fixture, type Open } from '../fixture.contract.ts'
import type { ProvedIdentity } from './types.ts'

const PERSON: ProvedIdentity = {
  provider: 'idp',
  issuer: 'https://id.example',
  subject: 'person-1',
  shown: 'person@example.org',
  strong: false,
}
const OPEN = { roles: ['member'] }

export function identitiesContract(name: string, open: Open, skip: string | false = false): void {
  async function setUp() {
    const made = await fixture(open)
    const { accounts } = made
    const signIn = (identity: ProvedIdentity = PERSON, signUp?: typeof OPEN) =>
      accounts.doors.provider.signIn({ identity, signUp }, from())
    const link = async (userId: string, identity: ProvedIdentity = PERSON) => {
      const result = await accounts.identities.link(userId, identity, CLI)
      if (!result.ok) throw new Error(`not linked: ${result.reason}`)
      return result.identity
    }
    return { ...made, signIn, link }
  }

  const living = async ({ accounts, clock }: Pick<Fixture, 'accounts' | 'clock'>, userId: string) =>
    (await accounts.sessions.list(userId, clock.now)).length

  describe(`identities on ${name}`, { skip }, () => {
    it('name a user by issuer and subject together, and by nothing else (L42, L45)', async () => {
      const { user, link, signIn } = await setUp()
      const ada = await user('ada')
      await link(ada.id)
      const result = await signIn()
      assert.ok(result.ok)
      assert.deepEqual([result.principal.id, result.session.aal, result.principal.amr], [ada.id, 1, ['fed']])
      for (const other of [
        { subject: 'person-2' },
        { issuer: 'https://other.example' },
        { subject: 'PERSON-1' },
        { issuer: 'https://id.example/' },
      ])
        assert.deepEqual(await signIn({ ...PERSON, ...other }), { ok: false, reason: 'unknown-identity' })
      assert.ok((await signIn({ ...PERSON, provider: 'renamed', shown: 'other', email: 'x@example.org' })).ok)
    })

    it('are nobody’s without a subject (L43)', async () => {
      const { user, accounts, signIn } = await setUp()
      const ada = await user('ada')
      for (const broken of [{ subject: '' }, { issuer: '' }, { subject: 'a\0b' }, { subject: 'x'.repeat(256) }]) {
        assert.deepEqual(await signIn({ ...PERSON, ...broken }, OPEN), { ok: false, reason: 'unknown-identity' })
        await assert.rejects(accounts.identities.link(ada.id, { ...PERSON, ...broken }, CLI), RangeError)
      }
    })

    it('are one user’s: of 20 who link the same at one moment, one wins (L25)', async () => {
      const { user, accounts, takeEvents } = await setUp()
      const users = await Promise.all(Array.from({ length: 20 }, (_, index) => user(`user-${index}`)))
      takeEvents()
      const results = await race(20, (index) => accounts.identities.link(users[index]!.id, PERSON, CLI))
      assert.equal(results.filter(({ ok }) => ok).length, 1)
      assert.equal(results.filter((result) => !result.ok && result.reason === 'taken').length, 19)
      assert.equal(takeEvents().filter((type) => type === 'authn_identity_linked').length, 1)
    })

    it('are told to the owner by mail, at the verified address alone', async () => {
      const { user, address, link, accounts, clock, letters } = await setUp()
      const [ada, bob] = [await user('ada'), await user('bob')]
      await address(ada.id, 'ada@example.org')
      await address(bob.id, 'bob@example.org', false)
      await link(ada.id)
      await link(bob.id, { ...PERSON, subject: 'person-2' })
      await link(ada.id)
      await accounts.notices.sweep(clock.now)
      const told = (await letters()).map(({ letter, to, data }) => [letter, to, data['what']])
      assert.deepEqual(told, [['notice', 'ada@example.org', NOTICES['identity-linked']]])
    })

    it('may be linked twice by their owner, which changes nothing', async () => {
      const { user, link, accounts, takeEvents } = await setUp()
      const ada = await user('ada')
      const first = await link(ada.id)
      takeEvents()
      assert.equal((await link(ada.id)).id, first.id)
      assert.deepEqual(takeEvents(), [])
      assert.equal((await accounts.identities.of(ada.id)).length, 1)
    })

    it('make an account where that is open: 20 at one moment make one', async () => {
      const { accounts, signIn, user } = await setUp()
      await user('root', ['admin'])
      const named = { ...PERSON, email: 'Person@example.org', name: 'Person One' }
      const results = await race(20, () => signIn(named, OPEN))
      // So many at one moment are more than the throttle lets to the door; those whom it does find the same account.
      const ids = new Set(results.flatMap((result) => (result.ok ? [result.principal.id] : [])))
      const reasons = new Set(results.flatMap((result) => (result.ok ? [] : [result.reason])))
      assert.deepEqual([ids.size, [...reasons].filter((reason) => reason !== 'throttled')], [1, []])
      const made = await accounts.users.byLogin('person@example.org')
      assert.deepEqual([made?.id, made?.name, made?.roles], [[...ids][0], 'Person One', ['member']])
      assert.equal(await accounts.users.count(), 2)
    })

    it('bring an address that was verified there, and none that was not', async () => {
      const { database, signIn } = await setUp()
      const one = await signIn({ ...PERSON, email: 'one@example.org' }, OPEN)
      assert.ok(one.ok)
      const address = await addressOf(database.kysely, one.principal.id)
      assert.ok(address?.verifiedAt !== undefined)
      const two = await signIn({ ...PERSON, subject: 'person-2', shown: 'two@example.org' }, OPEN)
      assert.ok(two.ok)
      assert.equal(await addressOf(database.kysely, two.principal.id), undefined)
      assert.match(two.principal.login, /^idp-/)
    })

    it('take over nobody who has the address as login, or verified (L41; GHSA-g38m-r43w-p2q7)', async () => {
      const { user, address, signIn, accounts, database } = await setUp()
      await user('person@example.org')
      const bob = await user('bob')
      await address(bob.id, 'bob@example.org')
      for (const email of ['person@example.org', 'PERSON@example.org', 'bob@example.org'])
        assert.deepEqual(await signIn({ ...PERSON, email }, OPEN), { ok: false, reason: 'address-taken' }, email)
      assert.equal(await accounts.users.count(), 2)
      assert.equal((await ownerOf(database.kysely, readAddress('bob@example.org')!))?.userId, bob.id)
    })

    it('let in nobody who is disabled, whatever was proved elsewhere (L06)', async () => {
      const { user, link, signIn, accounts } = await setUp()
      await user('root', ['admin'])
      const ada = await user('ada')
      await link(ada.id)
      await accounts.users.disable(ada.id, CLI)
      assert.deepEqual(await signIn(), { ok: false, reason: 'denied' })
      assert.deepEqual(await signIn({ ...PERSON, strong: true }), { ok: false, reason: 'denied' })
    })

    it('are held by the lock of the account as every door is (L05)', async () => {
      const { user, link, signIn, accounts } = await setUp()
      const ada = await user('ada')
      await link(ada.id)
      const { doors } = accounts
      for (let attempt = 0; attempt < 40; attempt++)
        await doors.password.signIn({ login: 'ada', password: new Secret('not this one, never') }, from(`198.51.100.${attempt}`))
      const result = await signIn()
      assert.ok(!result.ok && result.reason === 'throttled')
    })

    it('prove again who is signed in, for their owner alone (L10)', async () => {
      const { user, link, session, accounts, clock } = await setUp()
      const [ada, eve] = [await user('ada'), await user('eve')]
      await link(ada.id)
      const token = (await session('ada')).token.reveal()
      clock.now += 60_000
      const again = await accounts.doors.provider.proveAgain({ token, identity: PERSON }, from())
      assert.ok(again.ok)
      assert.equal(again.principal.provedAt, clock.now)
      const other = (await session('eve')).token.reveal()
      for (const identity of [PERSON, { ...PERSON, subject: 'nobody' }])
        assert.deepEqual(await accounts.doors.provider.proveAgain({ token: other, identity }, from()), {
          ok: false,
          reason: 'denied',
        })
      assert.deepEqual(await accounts.identities.of(eve.id), [])
    })

    it('end the other sessions when one is unlinked, and give this one a new token; linking ends none', async () => {
      const made = await setUp()
      const { user, link, session, accounts, clock } = made
      const ada = await user('ada')
      const [own] = [await session('ada'), await session('ada')]
      const { id } = await link(ada.id)
      assert.equal(await living(made, ada.id), 2)
      assert.ok((await accounts.identities.unlink(ada.id, id, CLI, { keepSession: own.session.id })).ok)
      assert.equal(await living(made, ada.id), 1)
      const found = await accounts.sessions.find(own.token.reveal(), clock.now)
      assert.ok(found.ok && found.rotate === true)
    })

    it('are unlinked by their owner alone, and never when nobody could sign in any more: of two at one moment one stays', async () => {
      const { user, link, signIn, accounts } = await setUp()
      const eve = await user('eve')
      const made = await signIn(PERSON, OPEN)
      assert.ok(made.ok)
      const { id: userId } = made.principal
      const [first] = await accounts.identities.of(userId)
      assert.deepEqual(await accounts.identities.unlink(eve.id, first!.id, CLI), { ok: false, reason: 'unknown' })
      assert.deepEqual(await accounts.identities.unlink(userId, first!.id, CLI), { ok: false, reason: 'last-way-in' })
      const second = await link(userId, { ...PERSON, subject: 'person-2' })
      const results = await race(2, (index) => accounts.identities.unlink(userId, [first!.id, second.id][index]!, CLI))
      assert.deepEqual(results.map(({ ok }) => ok).toSorted(), [false, true])
      assert.equal((await accounts.identities.of(userId)).length, 1)
    })

    it('count no longer than they are linked: neither at the gate, nor for a sign-in that waits for the second factor', async () => {
      const { user, link, session, accounts, signIn, clock } = await setUp()
      const ada = await user('ada')
      const { id } = await link(ada.id)
      const factor = await enrol(accounts, (await session('ada')).token.reveal(), () => clock.now)
      clock.now += STEP
      const waiting = await signIn()
      assert.ok(!waiting.ok && waiting.reason === 'second-factor' && waiting.pending !== undefined)
      assert.ok((await accounts.identities.unlink(ada.id, id, CLI)).ok)
      const input = { pending: waiting.pending.reveal(), code: factor.code() }
      assert.deepEqual(await accounts.doors.secondFactor.signIn(input, from()), { ok: false, reason: 'denied' })
    })

    it('ask for the second factor here, unless the operator takes the provider’s word for one there (L01)', async () => {
      const { user, link, session, accounts, signIn, clock } = await setUp()
      const ada = await user('ada')
      await link(ada.id)
      const factor = await enrol(accounts, (await session('ada')).token.reveal(), () => clock.now)
      clock.now += STEP
      const waiting = await signIn()
      assert.ok(!waiting.ok && waiting.reason === 'second-factor')
      const passed = await accounts.doors.secondFactor.signIn({ pending: waiting.pending!.reveal(), code: factor.code() }, from())
      assert.ok(passed.ok && passed.session.aal === 2)
      const strong = await signIn({ ...PERSON, strong: true })
      assert.ok(strong.ok && strong.session.aal === 2)
    })

    it('go with their user', async () => {
      const { user, link, database, signIn } = await setUp()
      const ada = await user('ada')
      await link(ada.id)
      await database.kysely.deleteFrom('hf_users').where('id', '=', ada.id).execute()
      assert.deepEqual(await signIn(), { ok: false, reason: 'unknown-identity' })
    })
  })
}
