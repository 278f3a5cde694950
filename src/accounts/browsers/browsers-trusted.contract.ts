/** What a trusted device must hold, on every database. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { enrol } from '../../../test/support/second-factor.ts'
import { CLI, from, type Open } from '../fixture.contract.ts'
import type { SignIn } from '../types.ts'
import { LIVES, trusted, begin, opened, signInWithCode } from './browsers-fixture.contract.ts'

export function trustedDevicesContract(name: string, open: Open, skip: string | false = false): void {
  describe(`a trusted device on ${name}`, { skip }, () => {
    it('stands for the second factor, and raises nothing', async () => {
      const f = await trusted(open)
      const { principal } = opened(await f.signIn('bob', { from: f.here }))
      assert.deepEqual([principal.amr, principal.aal, principal.provedAt], [['pwd', 'tdv'], 1, f.clock.now])
      const without = await f.signIn('bob')
      assert.ok(!without.ok && without.reason === 'second-factor')
    })

    it('opens nothing by itself, and makes a remembered sign-in whole', async () => {
      const f = await trusted(open)
      assert.equal((await f.accounts.doors.remember.signIn({ token: f.device }, f.here)).ok, false)
      const token = await begin(f, opened(await signInWithCode(f)))
      const { principal } = opened(await f.accounts.doors.remember.signIn({ token }, f.here))
      assert.deepEqual([principal.amr, principal.aal, principal.provedAt], [['rmb', 'tdv'], 1, 0])
    })

    it('begins only where the second factor was given just now', async () => {
      const f = await trusted(open)
      const byDevice = opened(await f.signIn('bob', { from: f.here }))
      assert.equal(await f.accounts.browsers.begin('trust', byDevice.token, from()), undefined)
      const late = opened(await signInWithCode(f))
      f.clock.now += 300_001
      assert.equal(await f.accounts.browsers.begin('trust', late.token, from()), undefined)
    })

    it('is of one user: with another’s password it is nothing (L110)', async () => {
      const f = await trusted(open)
      await f.user('eve')
      await enrol(f.accounts, (await f.session('eve')).token.reveal(), () => f.clock.now)
      const result = await f.signIn('eve', { from: f.here })
      assert.ok(!result.ok && result.reason === 'second-factor')
    })

    const voids: readonly [string, (f: Awaited<ReturnType<typeof trusted>>) => Promise<unknown>][] = [
      [
        'the password was changed past every fan-out (L110)',
        (f) => f.database.kysely.updateTable('hf_credentials').set({ version: 7 }).where('user_id', '=', f.bob.id).execute(),
      ],
      [
        'the factor was replaced past every fan-out (L110)',
        (f) => f.database.kysely.updateTable('hf_factors').set({ version: 7 }).where('user_id', '=', f.bob.id).execute(),
      ],
      ['all sessions were ended', (f) => f.accounts.sessions.endAll(f.bob.id, CLI)],
      ['it was removed', async (f) => f.accounts.browsers.endByToken('trust', f.device)],
      ['its time was over', async (f) => void (f.clock.now += LIVES.trust)],
      [
        'a recovery code was used',
        async (f) => {
          const asked = await f.signIn('bob')
          assert.ok(!asked.ok && asked.reason === 'second-factor' && asked.pending)
          const code = f.app.recoveryCodes[0]!
          opened((await f.accounts.doors.secondFactor.signIn({ pending: asked.pending.reveal(), code }, from())) as SignIn)
        },
      ],
    ]
    for (const [what, happen] of voids)
      it(`is asked for the second factor again when ${what}`, async () => {
        const f = await trusted(open)
        await happen(f)
        const result = await f.signIn('bob', { from: f.here })
        assert.ok(!result.ok && result.reason === 'second-factor')
      })
  })
}
