/** What every database must do with the addresses of users: given, changed, verified, and what follows. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { race } from '../../../test/support/race.ts'
import { CLI, fixture, type Fixture, type Open } from '../fixture.contract.ts'
import { createLinks } from '../mail/links.ts'
import { randomToken } from '../../crypto/random.ts'

export function addressesContract(name: string, open: Open, skip: string | false = false): void {
  async function person(f: Fixture, login: string, address?: string, addressVerified = true) {
    const created = await f.accounts.users.create({ login, ...(address !== undefined && { address, addressVerified }) }, CLI)
    assert.ok(created.ok, JSON.stringify(created))
    return created.user
  }

  describe(`addresses of users on ${name}`, { skip }, () => {
    it('come with the user, in one spelling, and not verified unless it is said', async () => {
      const f = await fixture(open)
      const [bob, eve] = [await person(f, 'bob', ' Bob@App.EXAMPLE '), await person(f, 'eve', 'eve@app.example', false)]
      const none = await person(f, 'none')
      assert.deepEqual(bob.address, { text: 'Bob@app.example', verified: true })
      assert.deepEqual(eve.address, { text: 'eve@app.example', verified: false })
      assert.equal(none.address, undefined)
      const listed = await f.accounts.users.list()
      assert.deepEqual(
        listed.map(({ login, address }) => [login, address?.text]).toSorted(),
        [
          ['bob', 'Bob@app.example'],
          ['eve', 'eve@app.example'],
          ['none', undefined],
        ].toSorted(),
      )
      assert.deepEqual((await f.accounts.users.byLogin('eve'))?.address, eve.address)
      assert.deepEqual((await f.accounts.users.byId(bob.id))?.address, bob.address)
    })

    it('find their owner in any spelling, once they are verified (L41, L102)', async () => {
      const f = await fixture(open)
      const bob = await person(f, 'bob', 'bob@app.example')
      await person(f, 'eve', 'eve@app.example', false)
      assert.equal((await f.accounts.users.byAddress('BOB@app.Example'))?.id, bob.id)
      for (const nobody of ['eve@app.example', 'bob', '', 'bob@app.example,eve@app.example', 'bob@app.example\0'])
        assert.equal(await f.accounts.users.byAddress(nobody), undefined)
    })

    it('are refused when they are none, or the verified one of somebody else, and nobody is made (L96)', async () => {
      const f = await fixture(open)
      const bob = await person(f, 'bob', 'bob@app.example')
      const make = (login: string, address: string) => f.accounts.users.create({ login, address, addressVerified: true }, CLI)
      assert.deepEqual(await make('eve', 'eve@app'), { ok: false, reason: 'address-invalid' })
      assert.deepEqual(await make('eve', 'BOB@app.example'), { ok: false, reason: 'address-taken' })
      assert.deepEqual(await make('BOB', 'other@app.example'), { ok: false, reason: 'login-taken' })
      assert.equal(await f.accounts.users.byLogin('eve'), undefined)
      const eve = await person(f, 'eve')
      const set = (id: string, address: string, verified = true) => f.accounts.users.setAddress(id, address, CLI, { verified })
      assert.deepEqual(await set(eve.id, 'bob@app.example'), { ok: false, reason: 'address-taken' })
      assert.deepEqual(await set(eve.id, 'a@b@c.example'), { ok: false, reason: 'address-invalid' })
      assert.deepEqual(await set('nobody', 'x@app.example'), { ok: false, reason: 'unknown-user' })
      assert.equal((await f.accounts.users.byId(eve.id))?.address, undefined)
      assert.deepEqual(await set(eve.id, 'bob@app.example', false), { ok: true })
      assert.equal((await f.accounts.users.byAddress('bob@app.example'))?.id, bob.id)
    })

    it('give a verified one to one of 20 who get it at the same moment', async () => {
      const f = await fixture(open)
      const users = await Promise.all(Array.from({ length: 20 }, (_, n) => person(f, `user${n}`)))
      const results = await race(20, (n) => f.accounts.users.setAddress(users[n]!.id, 'one@app.example', CLI, { verified: true }))
      assert.deepEqual(
        results.map((result) => (result.ok ? 'set' : result.reason)).toSorted(),
        [...Array<string>(19).fill('address-taken'), 'set'].toSorted(),
      )
    })

    it('end the links and the sessions of before when they change, and say so without the address (L28, L36)', async () => {
      const f = await fixture(open)
      const { id } = await f.user('bob')
      await f.accounts.users.setAddress(id, 'old@app.example', CLI, { verified: true })
      const links = createLinks({ database: f.database, random: randomToken, now: () => f.clock.now })
      const token = await f.database.transaction((tx) => links.issue(tx, { purpose: 'recover', userId: id, life: 60_000 }))
      const [own, other] = [await f.session('bob'), await f.session('bob')]
      f.events.length = 0
      const options = { verified: true, keepSession: own.session.id }
      assert.deepEqual(await f.accounts.users.setAddress(id, 'new@app.example', { kind: 'user', id }, options), { ok: true })
      assert.equal(await links.read('recover', token.reveal()), undefined)
      const [kept, ended] = [own, other].map(({ token: held }) => f.accounts.sessions.find(held.reveal(), f.clock.now))
      const found = await kept
      assert.ok(found?.ok && found.rotate)
      assert.equal((await ended)?.ok, false)
      assert.deepEqual(
        f.events.map(({ type, data }) => [type, data?.['change'] ?? data?.['reason'], data?.['actor']]),
        [
          ['user_updated', 'address-changed', `user:${id}`],
          ['session_ended', 'address-changed', `user:${id}`],
        ],
      )
      assert.ok(!JSON.stringify(f.events).includes('app.example'))
    })

    it('end nothing when they are verified, or stay what they are', async () => {
      const f = await fixture(open)
      const { id } = await f.user('bob')
      const set = (verified: boolean) => f.accounts.users.setAddress(id, 'bob@app.example', CLI, { verified })
      await set(false)
      const { token } = await f.session('bob')
      f.takeEvents()
      await set(true)
      await set(true)
      await set(false)
      assert.deepEqual(f.takeEvents(), ['user_updated'])
      assert.deepEqual((await f.accounts.users.byId(id))?.address, { text: 'bob@app.example', verified: true })
      const found = await f.accounts.sessions.find(token.reveal(), f.clock.now)
      assert.ok(found.ok && !found.rotate)
    })

    it('are not for services', async () => {
      const f = await fixture(open)
      const made = await f.accounts.users.createService({ login: 'robot' }, CLI)
      assert.ok(made.ok)
      assert.deepEqual(await f.accounts.users.setAddress(made.user.id, 'robot@app.example', CLI), {
        ok: false,
        reason: 'service-account',
      })
    })
  })
}
