/** With an account and without: the same bytes, fields, queries, hashes and letters (L73, L76, L77, L79, L80). */
import { expectParity } from '../../../src/testing/index.ts'
import { sql } from 'kysely'
import type { Invariant } from '../invariant.ts'
import type { Stage } from '../stage.ts'
import { aroundEachCall } from '../weakness.ts'

export const parity: Invariant = {
  name: 'parity',
  async holds(stage, driver) {
    if (driver.pair === undefined) throw new Error(`The driver of ${driver.way} has no pair.`)
    const [known, unknown] = await driver.pair(stage)
    // What is made once and kept, such as a statement, is made by the first.
    await stage.take(unknown, stage.visitor())
    await stage.holdfast.incidents.settled()
    const one = await stage.measure(() => stage.take(known, stage.visitor()))
    // What is written down afterwards is no work of the answer.
    await stage.holdfast.incidents.settled()
    const other = await stage.measure(() => stage.take(unknown, stage.visitor()))
    expectParity(one, other)
  },
  weakened: (driver) => ({
    // A look at those who have an account.
    after: (stage) =>
      aroundEachCall(stage, driver, {
        async before(texts) {
          for (const text of texts) if (await isKnown(stage, text)) await stage.holdfast.accounts.users.byId('nobody')
        },
      }),
  }),
}

/** Whether the text names somebody: a login, an address, or a key of theirs. Asked past the count. */
async function isKnown({ database }: Stage, text: string): Promise<boolean> {
  const { rows } = await sql`SELECT login_key AS name FROM hf_users UNION SELECT address_key FROM hf_addresses
    UNION SELECT k.id FROM hf_api_keys k JOIN hf_users u ON u.id = k.user_id`.execute(database.kysely)
  return (rows as { name: string }[]).some(({ name }) => text === name || text.startsWith(`hf_key_${name}_`))
}
