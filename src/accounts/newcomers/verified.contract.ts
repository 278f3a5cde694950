/** What the proof of an address must hold, on every database. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { race } from '../../../test/support/race.ts'
import { CLI, from, type Open } from '../fixture.contract.ts'
import { DAY, ADA, newcomers } from './fixture.contract.ts'

export function verifiedContract(name: string, open: Open, skip: string | false = false): void {
  const start = newcomers(open)

  describe(`the proof of an address on ${name}`, { skip }, () => {
    async function withAddress() {
      const f = await start()
      const bob = await f.user('bob')
      await f.address(bob.id, ADA, false)
      const send = async () => {
        assert.deepEqual(await f.verifyAddress.ask(bob.id, from()), { ok: true })
        const letters = await f.letters()
        assert.deepEqual(letters.at(-1)?.to, ADA)
        return f.tokenOf(letters, 'verify-address')
      }
      return { ...f, bob, send }
    }

    it('verifies by the link, signs nobody in, and is done once (L25)', async () => {
      const f = await withAddress()
      const token = await f.send()
      assert.deepEqual(await f.verifyAddress.read(token), { address: ADA, login: 'bob' })
      const results = await race(20, () => f.verifyAddress.confirm(token, from()))
      assert.deepEqual(
        results.filter(({ ok }) => ok),
        [{ ok: true, address: ADA }],
      )
      assert.deepEqual(await f.verifyAddress.of(f.bob.id), { address: ADA, verified: true })
      assert.deepEqual(await f.verifyAddress.ask(f.bob.id, from()), { ok: false, reason: 'verified' })
      assert.deepEqual(await f.accounts.sessions.list(f.bob.id, f.clock.now), [])
    })

    it('is void when the account has another address by then (L28, L40), and back with the old one is still void', async () => {
      const f = await withAddress()
      const token = await f.send()
      await f.address(f.bob.id, 'other@example.org', false)
      assert.equal(await f.verifyAddress.read(token), undefined)
      assert.deepEqual(await f.verifyAddress.confirm(token, from()), { ok: false, reason: 'void' })
      await f.address(f.bob.id, ADA, false)
      assert.deepEqual(await f.verifyAddress.confirm(token, from()), { ok: false, reason: 'void' })
      assert.equal((await f.verifyAddress.of(f.bob.id))?.verified, false)
    })

    it('is void when another letter was asked for, in time, and for who is disabled (L35, L37)', async () => {
      const f = await withAddress()
      const first = await f.send()
      const second = await f.send()
      assert.equal(await f.verifyAddress.read(first), undefined)
      for (const odd of ['', '0', 'null', second.slice(1)])
        assert.deepEqual(await f.verifyAddress.confirm(odd, from()), { ok: false, reason: 'void' })
      await f.accounts.users.disable(f.bob.id, CLI)
      assert.equal(await f.verifyAddress.read(second), undefined)
      assert.deepEqual(await f.verifyAddress.confirm(second, from()), { ok: false, reason: 'void' })
      await f.accounts.users.enable(f.bob.id, CLI)
      const third = await f.send()
      f.clock.now += DAY
      assert.deepEqual(await f.verifyAddress.confirm(third, from()), { ok: false, reason: 'void' })
    })

    it('gives an address to one of two who claim it', async () => {
      const f = await withAddress()
      const token = await f.send()
      await f.address((await f.user('other')).id, ADA, true)
      assert.deepEqual(await f.verifyAddress.confirm(token, from()), { ok: false, reason: 'taken' })
      assert.equal((await f.verifyAddress.of(f.bob.id))?.verified, false)
    })

    it('says to a user without an address that there is none, and holds back letters after three', async () => {
      const f = await withAddress()
      assert.deepEqual(await f.verifyAddress.ask((await f.user('none')).id, from()), { ok: false, reason: 'none' })
      for (let count = 0; count < 5; count++) await f.verifyAddress.ask(f.bob.id, from())
      assert.equal((await f.letters()).length, 3)
    })
  })
}
