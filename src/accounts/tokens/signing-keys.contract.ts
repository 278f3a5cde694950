/** What the keys of access tokens must hold on every database. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decodeProtectedHeader } from 'jose'
import { race } from '../../../test/support/race.ts'
import { generateKey, parseKeyring } from '../../crypto/keyring.ts'
import { CLI, fixture, from, type Open } from '../fixture.contract.ts'

const HOUR = 3_600_000
const DAY = 86_400_000

async function world(open: Open) {
  const f = await fixture(open)
  await f.user('ada')
  async function token(accounts = f.accounts): Promise<string> {
    const { token } = await f.session('ada')
    const begun = await accounts.tokens.begin({ session: token.reveal(), client: 'Notes' }, from())
    assert.ok(begun.ok)
    return begun.accessToken.reveal()
  }
  const keyOf = (text: string) => decodeProtectedHeader(text).kid!
  const admitted = async (text: string, accounts = f.accounts) => {
    const found = await accounts.tokens.admit(text, f.clock.now)
    return found.ok ? 'ok' : found.reason
  }
  const states = async () => (await f.accounts.tokens.signingKeys(f.clock.now)).map(({ state }) => state)
  return { ...f, token, keyOf, admitted, states }
}

export function signingKeysContract(name: string, open: Open, skip: string | false): void {
  describe(`${name}: signing keys`, { skip }, () => {
    it('are made when they are needed first, by exactly one of many processes', async () => {
      const f = await world(open)
      assert.equal(await f.accounts.tokens.sweep(f.clock.now), 0)
      assert.deepEqual(await f.states(), [], 'an application without apps has no keys')
      const twins = Array.from({ length: 5 }, () => f.twin())
      const published = await race(20, (index: number) => twins[index % 5]!.tokens.published(f.clock.now))
      await Promise.all(twins.map((twin) => twin.tokens.sweep(f.clock.now)))
      assert.deepEqual(await f.states(), ['current', 'next'])
      assert.equal(f.events.filter(({ type }) => type === 'key_created').length, 2)
      assert.equal(new Set(published.map(([first]) => first!.kid)).size, 1)
    })

    it('publish the public half alone, with its algorithm', async () => {
      const f = await world(open)
      for (const jwk of await f.accounts.tokens.published(f.clock.now))
        assert.deepEqual(Object.keys(jwk).toSorted(), ['alg', 'crv', 'kid', 'kty', 'use', 'x'])
      const rows = await f.database.statement<{ value: string }>('SELECT value FROM hf_signing_keys').all()
      assert.ok(rows.every(({ value }) => !value.startsWith('MC4CAQ')))
    })

    it('rotate by schedule: the next is published before it signs, the one before stays until its tokens have ended', async () => {
      const f = await world(open)
      const before = await f.token()
      const kids = async () => (await f.accounts.tokens.published(f.clock.now)).map(({ kid }) => kid)
      const [first, second] = await kids()
      assert.equal(f.keyOf(before), first)
      f.clock.now += 90 * DAY - 60_000
      const last = await f.token()
      assert.equal(f.keyOf(last), first)
      f.clock.now += 60_000
      const after = await f.token()
      assert.equal(f.keyOf(after), second)
      assert.deepEqual([await f.admitted(last), await f.admitted(after)], ['ok', 'ok'])
      await f.accounts.tokens.sweep(f.clock.now)
      assert.deepEqual(await f.states(), ['previous', 'current', 'next'])
      assert.deepEqual((await kids()).slice(0, 2), [first, second])
      f.clock.now += 2 * HOUR
      await f.accounts.tokens.sweep(f.clock.now)
      assert.deepEqual(await f.states(), ['current', 'next'])
    })

    it('are published at least an hour before they sign, however long nobody asked', async () => {
      const f = await world(open)
      await f.token()
      f.clock.now += 400 * DAY
      await f.accounts.tokens.published(f.clock.now)
      const [, next] = (await f.accounts.tokens.signingKeys(f.clock.now)).filter(({ state }) => state !== 'previous')
      assert.ok(next && next.activeAt >= f.clock.now + HOUR)
    })

    it('rotate at once for exactly one of many, and all processes see it', async () => {
      const f = await world(open)
      const other = f.twin()
      const before = await f.token()
      const [, second] = await f.accounts.tokens.published(f.clock.now)
      await f.token(other)
      f.takeEvents()
      const rotated = await race(20, () => f.accounts.tokens.rotateKey(CLI))
      assert.equal(rotated.filter(Boolean).length, 1)
      assert.equal(f.takeEvents().filter((type) => type === 'key_rotated').length, 1)
      f.clock.now += 1000
      assert.equal(f.keyOf(await f.token(other)), second!.kid)
      assert.deepEqual([await f.admitted(before), await f.admitted(before, other)], ['ok', 'ok'])
      assert.equal(await f.accounts.tokens.rotateKey(CLI), undefined, 'there is no next one yet')
      await other.tokens.sweep(f.clock.now)
      assert.ok(await f.accounts.tokens.rotateKey(CLI))
    })

    it('make everything void that an older one signed, when that is asked for', async () => {
      const f = await world(open)
      const other = f.twin()
      const before = await f.token()
      await f.accounts.tokens.published(f.clock.now)
      assert.equal(await f.admitted(before, other), 'ok')
      assert.ok(await f.accounts.tokens.rotateKey(CLI, { revoke: true }))
      f.clock.now += 1000
      assert.deepEqual([await f.admitted(before), await f.admitted(before, other)], ['unknown-key', 'unknown-key'])
      assert.equal(await f.admitted(await f.token(other)), 'ok')
    })

    it('are replaced when the key ring that sealed them is gone, and vouch for nothing then', async () => {
      const f = await world(open)
      const before = await f.token()
      const stranger = f.twin({ keys: parseKeyring(generateKey()) })
      assert.equal(await f.admitted(before, stranger), 'unknown-key')
      const { token } = await f.session('ada')
      const begun = await stranger.tokens.begin({ session: token.reveal(), client: 'Notes' }, from())
      assert.ok(begun.ok)
      assert.equal(await f.admitted(begun.accessToken.reveal(), stranger), 'ok')
      assert.notEqual(f.keyOf(begun.accessToken.reveal()), f.keyOf(before))
    })
  })
}
