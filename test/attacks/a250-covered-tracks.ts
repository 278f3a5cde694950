import { sql } from 'kysely'
import { createHashes, fromBase64Url, toBase64Url } from '../../src/observe/audit/merkle.ts'
import { leafText } from '../../src/observe/audit/record.ts'
import { digestsOf, readUnits } from '../../src/observe/audit/units.ts'
import { sqlite } from '../../src/store/sqlite.ts'
import { defineAttack } from '../support/attack.ts'
import { SIGNED, tracksAreCovered, type Track } from '../support/covered-tracks.ts'

const [changing, removing, replacing, rewriting, cutting, blanking] = [sqlite(), sqlite(), sqlite(), sqlite(), sqlite(), sqlite()]
const run = (database: typeof changing, text: string, ...values: (string | number)[]) => database.statement(text).run(...values)

/** All hashes behind the event, as whoever knows how they are made. */
async function rehash({ chain, seq }: Track): Promise<void> {
  const hashes = createHashes()
  let previous: string | undefined
  for await (const unit of readUnits(rewriting, chain, Math.max(0, seq - 1))) {
    const { who, what } = digestsOf(unit)
    const leaf = hashes.leaf(leafText(unit.seq, unit.open, who, what))
    const hash = previous === undefined ? fromBase64Url(unit.hash) : hashes.link(previous, leaf)
    await run(rewriting, 'UPDATE hf_audit SET hash = ? WHERE chain = ? AND seq = ?', toBase64Url(hash), chain, unit.seq)
    previous = hash
  }
}

export default [
  defineAttack({
    id: 'A250',
    title: 'writes into the log that somebody else gave them their rights',
    control: 'audit',
    options: { ...SIGNED, database: changing },
    succeeds: (app) =>
      tracksAreCovered(app, changing, ({ chain, seq }) =>
        run(changing, "UPDATE hf_audit SET actor_id = 'bob' WHERE chain = ? AND seq = ?", chain, seq),
      ),
  }),
  defineAttack({
    id: 'A251',
    title: 'removes from the log that they were given rights, and closes the gap',
    control: 'audit',
    options: { ...SIGNED, database: removing },
    succeeds: (app) =>
      tracksAreCovered(app, removing, async ({ chain, seq }) => {
        await run(removing, 'DELETE FROM hf_audit WHERE chain = ? AND seq = ?', chain, seq)
        const later = await removing
          .statement<{ seq: number }>('SELECT seq FROM hf_audit WHERE chain = ? AND seq > ? ORDER BY seq')
          .all(chain, seq)
        for (const row of later)
          await run(removing, 'UPDATE hf_audit SET seq = seq - 1 WHERE chain = ? AND seq = ?', chain, row.seq)
      }),
  }),
  defineAttack({
    id: 'A251b',
    title: 'puts another event into the place of the one that tells of them',
    control: 'audit',
    options: { ...SIGNED, database: replacing },
    succeeds: (app) =>
      tracksAreCovered(app, replacing, async ({ chain, seq }) => {
        await run(replacing, 'DELETE FROM hf_audit WHERE chain = ? AND seq = ?', chain, seq)
        await run(replacing, 'UPDATE hf_audit SET seq = ? WHERE chain = ? AND seq = ?', seq, chain, seq + 1)
      }),
  }),
  defineAttack({
    id: 'A252',
    title: 'changes the log and computes all hashes behind anew',
    control: 'audit',
    options: { ...SIGNED, database: rewriting },
    succeeds: (app) =>
      tracksAreCovered(app, rewriting, async (track) => {
        await run(
          rewriting,
          "UPDATE hf_audit SET actor_id = 'bob', data = '{}' WHERE chain = ? AND seq = ?",
          track.chain,
          track.seq,
        )
        await rehash(track)
      }),
  }),
  defineAttack({
    id: 'A253',
    title: 'cuts off the end of the log with its checkpoints, of which one had left the machine',
    control: 'audit',
    options: { ...SIGNED, database: cutting },
    succeeds: (app) =>
      tracksAreCovered(
        app,
        cutting,
        async ({ chain, seq }) => {
          await run(cutting, 'DELETE FROM hf_audit WHERE chain = ? AND seq >= ?', chain, seq)
          await run(cutting, 'DELETE FROM hf_audit_checkpoints WHERE chain = ? AND size > ?', chain, seq)
        },
        { kept: true },
      ),
  }),
  defineAttack({
    id: 'A254',
    title: 'blanks what tells of them, as a redaction that nobody made',
    control: 'audit',
    options: { ...SIGNED, database: blanking },
    succeeds: (app) =>
      tracksAreCovered(app, blanking, async ({ chain, seq }) => {
        for await (const unit of readUnits(blanking, chain, seq, seq + 1)) {
          const { who, what } = digestsOf(unit)
          await sql`UPDATE hf_audit SET client = NULL, principal = NULL, impersonator = NULL, user_id = NULL, actor_id = NULL, session = NULL,
            api_key = NULL, path = NULL, data = NULL, who_salt = NULL, what_salt = NULL, who_digest = ${who}, what_digest = ${what}
            WHERE chain = ${chain} AND seq = ${seq}`.execute(blanking.kysely)
        }
      }),
  }),
]
