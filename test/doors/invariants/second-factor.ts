/** Where the account has a second factor, no first step opens a session (L01, L02, L05, L07). */
import assert from 'node:assert/strict'
import { noFactors } from '../../support/weak-store.ts'
import { ways } from '../../../src/accounts/doors/matrix.ts'
import { newToken } from '../../../src/accounts/sessions/token.ts'
import { randomToken } from '../../../src/crypto/random.ts'
import type { Driver } from '../driver.ts'
import { arranged, needed, passed, type Invariant } from '../invariant.ts'
import type { Stage } from '../stage.ts'

export const secondFactor: Invariant = {
  name: 'second-factor',
  async holds(stage, driver) {
    const { client, step, userId } = await arranged(stage, driver)
    // Written by the test, so that nothing but the gate can know of it.
    await stage.run(
      `INSERT OR IGNORE INTO hf_factors (user_id, kind, value, version, last_step, created_at) VALUES ('${needed(userId)}', 'totp', 'x', 1, 0, 0)`,
    )
    const before = new Set(client.cookies.values())
    const answer = await stage.take(step, client)
    const fresh = [...client.cookies.values()].filter((value) => !before.has(value))
    const found = await Promise.all(
      fresh.map(async (token) => await stage.holdfast.accounts.sessions.find(token, stage.clock.now())),
    )
    assert.deepEqual(
      found.filter(({ ok }) => ok),
      [],
      `The step answered ${answer.status} and opened a session.`,
    )
  },
  // A gate that knows of no factor; and where the way opens no session, one that opens it past the gate.
  weakened: ({ way }) => (opensSessions(way) ? { database: noFactors } : { arranged: signInPastTheGate }),
}

function opensSessions(way: string): boolean {
  return ways.some(({ name, proofs }) => name === way && proofs.length > 0)
}

/** Whoever takes the step has a session afterwards. */
function signInPastTheGate(stage: Stage, { login = 'member-1' }: Driver): void {
  const take = stage.take
  const { users } = stage.holdfast.accounts
  Object.assign(stage, {
    async take(...[step, client]: Parameters<Stage['take']>) {
      const answer = await take(step, client)
      const user = await users.byLogin(login)
      if (passed(answer) && user) client.cookies.set('hf_sid_localhost', await insertSession(stage, user.id))
      return answer
    },
  })
}

async function insertSession(stage: Stage, userId: string): Promise<string> {
  const { token, hash } = newToken(randomToken)
  const now = stage.clock.now()
  await stage.run(`INSERT INTO hf_sessions
    (hash, id, user_id, created_at, seen_at, expires_at, aal, proofs, address, user_agent, version, data, epoch)
    VALUES ('${hash}', 's_1', '${userId}', ${now}, ${now}, ${now + 60_000}, 1, '', '', '', 1, '', 1)`)
  return token.reveal()
}
