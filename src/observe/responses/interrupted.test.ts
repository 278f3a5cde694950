/** A process that is killed between the two transactions of a response leaves a state that says so. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { race } from '../../../test/support/race.ts'
import { createHoldfast, type Holdfast } from '../../index.ts'

const MINUTE = 60_000
const VICTIM = join(import.meta.dirname, '../../../test/support/response-victim.ts')

/** What a process left that was killed at the first event of this type. */
async function afterKill(type: string, look: (left: Holdfast, clock: { now: number }, told: string[]) => Promise<void>) {
  const data = mkdtempSync(join(tmpdir(), 'holdfast-killed-'))
  const child = spawn(process.execPath, [...process.execArgv, VICTIM, data, type], { stdio: ['ignore', 'ignore', 'inherit'] })
  const [, signal] = (await once(child, 'close')) as [number | null, string | null]
  assert.equal(signal, 'SIGKILL')
  const clock = { now: Date.now() }
  const told: string[] = []
  const left = await createHoldfast({
    ...{ origin: 'http://localhost:3000', mode: 'test', data, now: () => clock.now },
    log: (event) => void told.push(event.type),
  })
  try {
    await look(left, clock, told)
  } finally {
    await left.stop()
    rmSync(data, { recursive: true, force: true })
  }
}

describe('a response whose process was killed', () => {
  for (const [type, sessions, when] of [
    ['response_begun', 1, 'before anything of it was done'],
    ['session_ended', 0, 'after it was done, and before it said so'],
  ] as const)
    it(`${when}, is neither done nor failed: nobody knows, and that is told once`, async () => {
      await afterKill(type, async ({ responses, accounts }, clock, told) => {
        const ada = (await accounts.users.byLogin('ada'))!
        const one = async () => (await responses.list())[0]!
        assert.equal((await accounts.sessions.list(ada.id, clock.now)).length, sessions)
        await responses.sweep(clock.now)
        assert.equal((await one()).state, 'begun', 'it may be under way in another process')
        clock.now += 10 * MINUTE
        const swept = await race(4, () => responses.sweep(clock.now))
        assert.equal(
          swept.reduce((sum, many) => sum + many, 0),
          1,
        )
        const { state, appliedAt, endedReason, says } = await one()
        assert.deepEqual([state, appliedAt, says], ['interrupted', undefined, 'Ends 1 session of ada.'])
        assert.match(endedReason!, /before it said whether it was done/)
        assert.equal(told.filter((name) => name === 'response_interrupted').length, 1)
      })
    })
})
