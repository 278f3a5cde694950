/** What opens it, and what it gives, stands in no event, no fault, no field but the cookie's, and no table (L17, L71, L100). */
import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { leaks, type Sink } from '../../support/canaries.ts'
import { arranged, needPassed, type Invariant } from '../invariant.ts'
import type { Stage } from '../stage.ts'
import { aroundEachCall } from '../weakness.ts'

/** Cookies of shorter values hold no secret. */
const LEAST = 24

export const secrets: Invariant = {
  name: 'secrets',
  async holds(stage, driver) {
    const { client, step, secrets: given = [] } = await arranged(stage, driver)
    const before = [...client.cookies.values()]
    const answer = await stage.take(step, client)
    needPassed(answer)
    const held = [...before, ...client.cookies.values()].filter((value) => value.length >= LEAST)
    const canaries = [...given, ...held].map((value, index) => ({ name: `secret ${index}`, value, belongs: [] }))
    const { 'set-cookie': _, ...fields } = answer.headers
    const words = { events: stage.events, faults: stage.faults.map(String), fields }
    const sinks: Sink[] = Object.entries(words).map(([name, value]) => ({ name, bytes: Buffer.from(JSON.stringify(value)) }))
    assert.deepEqual(leaks(canaries, [...sinks, ...(await tables(stage))]), [])
    assert.ok(sinks[0]!.bytes.length > 100, 'Events are searched.')
  },
  // Somebody who logs what is given, and what comes of it.
  weakened: (driver) => ({
    arranged: (stage) =>
      aroundEachCall(stage, driver, {
        after: (texts) => void stage.events.push({ ...stage.events[0]!, data: { texts } }),
      }),
  }),
}

/** Every table, as text. */
async function tables({ database: { kysely } }: Stage): Promise<readonly Sink[]> {
  const { rows } = await sql<{ name: string }>`SELECT name FROM sqlite_master WHERE type = 'table'`.execute(kysely)
  assert.ok(rows.length > 10, 'Tables are searched.')
  return await Promise.all(
    rows.map(async ({ name }) => {
      const found = await sql.raw<Record<string, unknown>>(`SELECT * FROM ${name}`).execute(kysely)
      return { name: `table ${name}`, bytes: Buffer.from(JSON.stringify(found.rows)) }
    }),
  )
}
