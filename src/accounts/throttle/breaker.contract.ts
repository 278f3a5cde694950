/** What the breaker holds on every database. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { race } from '../../../test/support/race.ts'
import { fixture, from, OTHER_PASSWORD, type Fixture, type Open } from '../fixture.contract.ts'

const LIMITS = { limits: { everywhere: { limit: 10, period: 300_000 } } }

/** One guess at each of so many accounts, each from a network of its own. */
async function spray(f: Fixture, many: number, prefix = 'user'): Promise<void> {
  await race(many, (i) => f.signIn(`${prefix}${i}`, { password: OTHER_PASSWORD, from: from(`${prefix}-net-${i}`) }))
}

export function breakerContract(name: string, open: Open, skip: string | false = false): void {
  describe(`the breaker on ${name}`, { skip }, () => {
    it('opens when sign-ins fail everywhere, in all processes, and says so once', async () => {
      const f = await fixture(open, LIMITS)
      await spray(f, 10)
      assert.equal(await f.accounts.breaker.strain(), undefined)
      f.takeEvents()
      await spray(f, 20, 'more')
      assert.equal(f.takeEvents().filter((type) => type === 'authn_breaker_open').length, 1)
      assert.equal(await f.twin().breaker.strain(), 1)
    })

    it('closes ten minutes after the rate was passed last, and says so once', async () => {
      const f = await fixture(open, LIMITS)
      await spray(f, 11)
      assert.equal(await f.accounts.breaker.strain(), 0)
      f.clock.now += 599_000
      assert.equal(await f.accounts.breaker.strain(), 0)
      f.takeEvents()
      f.clock.now += 2000
      assert.deepEqual(new Set(await race(20, () => f.accounts.breaker.strain())), new Set([undefined]))
      assert.deepEqual(f.takeEvents(), ['authn_breaker_close'])
    })

    it('stays open while the rate is passed, and is not opened by those whose browser is known', async () => {
      const f = await fixture(open, LIMITS)
      for (let i = 0; i < 30; i++) {
        const knownDevice = f.accounts.knownDevices.issue(`user${i}`).reveal()
        await f.signIn(`user${i}`, { password: OTHER_PASSWORD, from: from(`net-${i}`, { knownDevice }) })
      }
      assert.equal(await f.accounts.breaker.strain(), undefined)
      await spray(f, 11)
      f.clock.now += 590_000
      await spray(f, 21, 'again')
      f.clock.now += 590_000
      assert.notEqual(await f.accounts.breaker.strain(), undefined)
    })
  })
}
