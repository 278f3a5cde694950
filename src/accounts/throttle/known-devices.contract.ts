/** What throttling holds on every database where the browser is known, and how the wait grows where it is not. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { race } from '../../../test/support/race.ts'
import { generateKey, parseKeyring } from '../../crypto/keyring.ts'
import { fixture, from, OTHER_PASSWORD, type Fixture, type Open } from '../fixture.contract.ts'
import { LONGEST_WAIT } from './growing-wait.ts'
import type { Origin } from '../types.ts'

const DAY = 86_400_000
const CROWD = from('203.0.113.1')

async function guess(f: Fixture, login: string, origin: Origin = CROWD): Promise<string> {
  const answer = await f.signIn(login, { password: OTHER_PASSWORD, from: origin })
  return answer.ok ? 'in' : answer.reason
}

/** The next wait in seconds, after one more guess as soon as it may be made. */
async function nextWait(f: Fixture, login: string): Promise<number> {
  for (let tries = 0; tries < 10; tries++) {
    const answer = await f.signIn(login, { password: OTHER_PASSWORD, from: from(`net-${f.clock.now}-${tries}`) })
    if (!answer.ok && answer.reason === 'throttled') return answer.retryAfter
  }
  throw new Error('nothing stops the guesses')
}

function homeOf(f: Fixture, login: string, network = '203.0.113.1'): Origin {
  return from(network, { knownDevice: f.accounts.knownDevices.issue(login).reveal() })
}

export function knownDevicesContract(name: string, open: Open, skip: string | false = false): void {
  describe(`a browser that is known on ${name}`, { skip }, () => {
    it('lets its owner in while strangers of the same network lock the account and the network', async () => {
      const f = await fixture(open)
      await f.user('bob')
      const home = homeOf(f, 'bob')
      for (let i = 0; i < 6; i++) await guess(f, 'bob')
      for (let i = 0; i < 30; i++) await guess(f, `user${i}`)
      assert.equal(await guess(f, 'bob'), 'throttled')
      assert.ok((await f.signIn('bob', { from: home })).ok)
      assert.equal(await guess(f, 'bob'), 'throttled', "the owner's success gives the strangers nothing back (L85)")
      assert.equal(await guess(f, 'user30'), 'throttled')
    })

    it('has no more attempts than others, counted for itself, and stops nobody else', async () => {
      const f = await fixture(open)
      await f.user('bob')
      const home = homeOf(f, 'bob')
      f.work.reset()
      await race(50, () => guess(f, 'bob', home))
      assert.equal(f.work.counts.hash, 5)
      assert.equal(await guess(f, 'bob', home), 'throttled')
      assert.ok((await f.signIn('bob', { from: homeOf(f, 'bob') })).ok, 'another browser of the owner')
      assert.ok((await f.signIn('bob', { from: from('203.0.113.2') })).ok, 'one that is not known')
    })

    it('is none for another account, when it is forged, cut, changed, too old, or of other keys (L110)', async () => {
      const f = await fixture(open)
      await f.user('bob')
      const good = f.accounts.knownDevices.issue('bob').reveal()
      const [issued, device, ...mac] = good.split('.')
      const other = f
        .twin({ keys: parseKeyring(generateKey()) })
        .knownDevices.issue('bob')
        .reveal()
      const later = (f.clock.now + DAY).toString(36)
      const held = {
        foreign: f.accounts.knownDevices.issue('eve').reveal(),
        empty: '',
        cut: good.slice(0, -1),
        long: `${good}x`,
        device: [issued, 'A'.repeat(22), ...mac].join('.'),
        younger: [later, device, ...mac].join('.'),
        'of other keys': other,
        'of 100 kB': 'x'.repeat(100_000),
      }
      for (let i = 0; i < 6; i++) await guess(f, 'bob')
      for (const [what, knownDevice] of Object.entries(held)) {
        assert.equal(await guess(f, 'bob', from('198.51.100.9', { knownDevice })), 'throttled', what)
      }
      f.clock.now += 366 * DAY
      for (let i = 0; i < 6; i++) await guess(f, 'bob')
      assert.equal(await guess(f, 'bob', from('198.51.100.9', { knownDevice: good })), 'throttled')
    })

    it('goes by the account, not by the spelling of its name (L84)', async () => {
      const f = await fixture(open)
      await f.user('Bobé')
      const home = homeOf(f, ' BOBE\u0301 ')
      for (let i = 0; i < 6; i++) await guess(f, 'bobé')
      assert.ok((await f.signIn('Bobé', { from: home })).ok)
    })
  })

  describe(`the wait after too many failures on ${name}`, { skip }, () => {
    it('doubles up to a quarter of an hour, the same for names that nobody has (L77)', async () => {
      const f = await fixture(open)
      await f.user('bob')
      const seen: Record<string, number[]> = { bob: [], nobody: [] }
      for (const login of ['bob', 'nobody']) {
        for (let i = 0; i < 9; i++) {
          const wait = await nextWait(f, login)
          seen[login]!.push(wait)
          f.clock.now += wait * 1000
        }
      }
      assert.deepEqual(seen['bob'], seen['nobody'])
      assert.deepEqual(seen['bob']!.slice(0, 5), [12, 24, 48, 96, 192])
      assert.equal(Math.max(...seen['bob']!), LONGEST_WAIT / 1000)
    })

    it('grows for who is patient, too: five failures at a time, however slowly', async () => {
      const f = await fixture(open)
      f.work.reset()
      for (let i = 0; i < 200; i++) {
        await guess(f, 'bob', from(`net-${i}`))
        f.clock.now += 45_000
      }
      assert.ok(f.work.counts.hash <= 80, `${f.work.counts.hash} guesses in two and a half hours`)
    })

    it('begins anew after the right password and after a quiet hour, and for this account alone (L85)', async () => {
      const f = await fixture(open)
      await f.user('bob')
      for (const login of ['bob', 'eve']) f.clock.now += (await nextWait(f, login)) * 1000
      assert.equal(await nextWait(f, 'eve'), 24)
      f.clock.now += 24_000
      assert.ok((await f.signIn('bob', { from: from('198.51.100.5') })).ok)
      assert.equal(await nextWait(f, 'bob'), 12)
      assert.equal(await nextWait(f, 'eve'), 48)
      f.clock.now += 3_600_000 + 48_000
      assert.equal(await nextWait(f, 'eve'), 12)
    })
  })
}
