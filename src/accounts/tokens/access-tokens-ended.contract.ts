/** What ends the apps of a user, cell by cell of the table. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FAN_OUT, fanOut, type Happening } from '../fan-out.ts'
import { type Open } from '../fixture.contract.ts'
import { world } from './access-tokens-fixture.contract.ts'

export function endedAppsContract(name: string, open: Open, skip: string | false): void {
  describe(`${name}: what ends the apps of a user`, { skip }, () => {
    const cells: Partial<Record<Happening, 'ended' | 'outdated' | 'ok'>> = {
      'password-set': 'ended',
      'roles-changed': 'outdated',
      'user-disabled': 'ended',
      'user-enabled': 'ok',
      'factor-enrolled': 'ended',
      'factor-removed': 'ended',
      'recovery-code-used': 'ended',
      'factors-reset': 'ended',
      'ended-all': 'ended',
    }
    for (const happening of Object.keys(FAN_OUT) as Happening[]) {
      const { own, others, ...more }: { own: string; others: string; apps?: string } = FAN_OUT[happening]
      const effect = more.apps ?? others
      const expected =
        cells[happening] ?? (effect === 'end' ? 'ended' : effect === 'renew' || own === 'renew' ? 'outdated' : 'ok')
      it(`${happening}: ${expected}`, async () => {
        const f = await world(open)
        const { id } = await f.user('ada')
        const { accessToken, refreshToken, app } = await f.app('ada')
        const ended = await f.database.transaction((tx) => fanOut(tx, happening, id, { now: f.clock.now }))
        assert.deepEqual(ended, expected === 'ended' ? [app.id] : [])
        assert.equal(await f.access(accessToken), expected)
        assert.equal(await f.reason(refreshToken), expected === 'ended' ? 'ended' : 'ok')
      })
    }
  })
}
