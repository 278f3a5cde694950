/** The work that is asked for before a form is looked at. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { race } from '../../../test/support/race.ts'
import { solved, type Asked } from '../../../test/support/challenge.ts'
import { generateKey, parseKeyring } from '../../crypto/keyring.ts'
import { randomToken } from '../../crypto/random.ts'
import { memoryStore } from '../../store/memory.ts'
import { createChallenges, WAIT } from './challenge.ts'
import { readSignInOptions } from './options.ts'

const SITE = { origin: 'https://app.example', hostname: 'app.example', port: undefined, secure: true, local: false }
const LOGIN = { action: '/login', network: '192.0.2.7' }
const BITS = 8

function start() {
  const clock = { now: Date.UTC(2026, 0, 1) }
  const shared = { keys: parseKeyring(generateKey()), once: memoryStore(), random: randomToken, now: () => clock.now }
  const here = createChallenges({ ...shared, site: SITE })
  return { clock, shared, here, make: (bits = BITS): Asked => here.issue(LOGIN, bits) }
}

describe('a challenge', () => {
  it('is taken once, of many who bring it (L30)', async () => {
    const { here, make } = start()
    const given = solved(make())
    const answers = await race(20, () => here.take(LOGIN, given, BITS))
    assert.equal(answers.filter(({ ok }) => ok).length, 1)
  })

  it('is nothing for another page, network or site, too early, too late, changed or without its work (L92, L107)', async () => {
    const { here, make, shared, clock } = start()
    const elsewhere = createChallenges({ ...shared, site: { ...SITE, origin: 'https://other.example' } })
    const given = solved(make())
    const refused = async (bound: typeof LOGIN, sent: typeof given, at = here) => {
      const answer = await at.take(bound, sent, BITS)
      return answer.ok ? 'taken' : answer.reason
    }
    assert.equal(await refused({ ...LOGIN, action: '/sign-up' }, given), 'not-ours')
    assert.equal(await refused({ ...LOGIN, network: '192.0.2.8' }, given), 'not-ours')
    assert.equal(await refused(LOGIN, given, elsewhere), 'not-ours')
    assert.equal(await refused(LOGIN, { ...given, challenge: given.challenge.replace(/^8\./, '1.') }), 'not-ours')
    assert.equal(await refused(LOGIN, { ...given, challenge: 'x'.repeat(10_000) }), 'malformed')
    assert.equal(await refused(LOGIN, { challenge: '', solution: '' }), 'missing')
    assert.equal(await refused(LOGIN, { ...given, solution: 'A' }), 'unsolved')
    assert.equal((await here.take(LOGIN, given, BITS + 2)).ok, false, 'one that is too easy by now')
    clock.now -= 1
    assert.equal(await refused(LOGIN, given), 'too-old')
    clock.now += 300_002
    assert.equal(await refused(LOGIN, given), 'too-old')
  })

  it('may be waited for in place of the work, once a minute for a network', async () => {
    const { here, make, clock } = start()
    const [one, two] = [make(), make()].map(({ challenge }) => ({ challenge, solution: '' }))
    clock.now += WAIT - 1
    assert.deepEqual(await here.take(LOGIN, one!, BITS), { ok: false, reason: 'unsolved' })
    clock.now += 1
    assert.deepEqual(await here.take(LOGIN, one!, BITS), { ok: true, waited: true })
    assert.equal((await here.take(LOGIN, two!, BITS)).ok, false)
    clock.now += WAIT
    assert.equal((await here.take(LOGIN, one!, BITS)).ok, false, 'used before')
    clock.now += WAIT
    assert.equal((await here.take(LOGIN, two!, BITS)).ok, true)
  })

  it('has options that neither stop everybody nor nobody', () => {
    for (const challenge of [{ when: 'never' }, { difficulty: 0 }, { difficulty: 40 }, { failures: 1 }])
      assert.throws(() => readSignInOptions({ challenge: challenge as never }), /HF_OPTION_INVALID.*signIn\.challenge\./)
    assert.throws(() => readSignInOptions({ challenge: { difficult: 9 } as never }), /HF_OPTION_UNKNOWN/)
  })
})
