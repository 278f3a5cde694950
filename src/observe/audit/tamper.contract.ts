/** Whoever can write into the database changes what was written: verification names the first position that does not hold. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sql } from 'kysely'
import type { Database } from '../../store/database.ts'
import { fixture, HOST, type Fixture } from './fixture.contract.ts'
import { createHashes, fromBase64Url, toBase64Url } from './merkle.ts'
import { readVerifier } from './note.ts'
import { leafText } from './record.ts'
import { createSigners } from './signers.ts'
import { digestsOf, readUnits } from './units.ts'
import { verifyDatabase } from './verify/database.ts'
import { generateKey, parseKeyring } from '../../crypto/keyring.ts'

const COLUMNS = [
  ...['at', 'type', 'level', 'control', 'request_id', 'method', 'client', 'principal', 'impersonator', 'path', 'data'],
  ...['user_id', 'actor_id', 'session', 'api_key', 'who_salt', 'what_salt', 'hash'],
]

/** 30 events of the security class, all signed; `chain` is their chain. */
async function written(database: Database, setting = {}): Promise<Fixture & { readonly chain: number }> {
  const made = await fixture(database, setting)
  await made.write(30)
  await made.audit.stop()
  const { id } = (await made.database.kysely
    .selectFrom('hf_audit_chains')
    .select('id')
    .where('name', 'like', '%/security')
    .executeTakeFirst())!
  assert.deepEqual((await made.verify()).breaks, [])
  return { ...made, chain: id }
}

export function tamperContract(name: string, open: () => Promise<Database>): void {
  describe(`tampering with the audit log on ${name}`, () => {
    it('is seen in every column, at the event', async () => {
      const { database, chain, verify } = await written(await open())
      for (const [index, column] of COLUMNS.entries()) {
        const seq = index + 5
        const { rows } = await sql<{ value: string | number | null }>`
          SELECT ${sql.ref(column)} AS value FROM hf_audit WHERE chain = ${chain} AND seq = ${seq}`.execute(database.kysely)
        const before = rows[0]!.value
        const changed = column === 'at' ? Number(before) + 1 : before === null ? 'x' : flip(String(before))
        await set(database, chain, seq, column, changed)
        const [first] = (await verify()).breaks
        assert.deepEqual([first?.seq, first?.chain.split('/')[1]], [seq, 'security'], column)
        await set(database, chain, seq, column, before)
      }
      assert.deepEqual((await verify()).breaks, [])
    })

    it('is seen where a field was stuffed with those behind it, and these were emptied', async () => {
      const { database, chain, verify } = await written(await open())
      for await (const unit of readUnits(database, chain, 5, 6)) {
        const id = unit.open.slice(unit.open.lastIndexOf('\n') + 1)
        const behind = [unit.who, unit.what, unit.whoDigest, unit.whatDigest, unit.hash]
        const ids = { client: null, principal: null, user_id: null, actor_id: null, session: null, api_key: null }
        const row = { ...ids, path: null, data: null, request_id: [id, ...behind].join('\u001e') }
        await database.kysely.updateTable('hf_audit').set(row).where('chain', '=', chain).where('seq', '=', 5).execute()
      }
      const [first] = (await verify()).breaks
      assert.deepEqual([first?.seq, first?.what], [5, 'This event is not what was written.'])
    })

    it('is seen where one row was stuffed with the next, which was removed', async () => {
      const { database, chain, verify } = await written(await open())
      const units = await Array.fromAsync(readUnits(database, chain, 5, 7))
      const parts = units.map((unit) => [
        ...[String(unit.seq), unit.open, unit.who, unit.what],
        ...[unit.whoDigest, unit.whatDigest, unit.hash],
      ])
      const [first, second] = parts as [string[], string[]]
      // The fields behind the request's id stay in their columns, and become those of the second.
      const open5 = first[1]!
      const id = [open5.slice(open5.lastIndexOf('\n') + 1), ...first.slice(2), ''].join('\u001e')
      await sql`UPDATE hf_audit AS one SET request_id = ${`${id}\u001d${second.slice(0, 2).join('\u001e')}`},
        client = two.client, principal = two.principal, impersonator = two.impersonator, path = two.path, data = two.data,
        user_id = two.user_id, actor_id = two.actor_id, session = two.session, api_key = two.api_key,
        who_salt = two.who_salt, what_salt = two.what_salt, hash = two.hash
        FROM hf_audit AS two WHERE one.chain = ${chain} AND one.seq = 5 AND two.chain = ${chain} AND two.seq = 6`.execute(
        database.kysely,
      )
      await database.kysely.deleteFrom('hf_audit').where('chain', '=', chain).where('seq', '=', 6).execute()
      assert.equal((await verify()).breaks[0]?.seq, 5)
    })

    it('is seen where an event was removed, inserted or put elsewhere', async () => {
      const { database, chain, verify } = await written(await open())
      const at = (seq: number) => sql`chain = ${chain} AND seq = ${seq}`
      await sql`UPDATE hf_audit SET seq = 1000 WHERE ${at(7)}`.execute(database.kysely)
      assert.deepEqual((await verify()).breaks[0], { ...(await verify()).breaks[0]!, seq: 7, what: 'This event is missing.' })
      await sql`UPDATE hf_audit SET seq = 7 WHERE ${at(8)}`.execute(database.kysely)
      await sql`UPDATE hf_audit SET seq = 8 WHERE ${at(1000)}`.execute(database.kysely)
      assert.equal((await verify()).breaks[0]!.seq, 7, 'reordered')
      await sql`UPDATE hf_audit SET seq = 1000 WHERE ${at(7)}`.execute(database.kysely)
      await sql`UPDATE hf_audit SET seq = 7 WHERE ${at(8)}`.execute(database.kysely)
      await sql`UPDATE hf_audit SET seq = 8 WHERE ${at(1000)}`.execute(database.kysely)
      assert.deepEqual((await verify()).breaks, [])
      await sql`INSERT INTO hf_audit (chain, seq, at, type, level, control, hash)
        SELECT chain, 30, at, type, level, control, hash FROM hf_audit WHERE ${at(29)}`.execute(database.kysely)
      assert.equal((await verify()).breaks[0]!.seq, 30, 'inserted')
    })

    it('is seen where the end was cut off, a chain or its beginning removed', async () => {
      const { database, chain, verify, open: again } = await written(await open())
      const next = await again()
      await next.audit.stop()
      const cut = { chain, what: await verify() }
      assert.ok(cut.what.ok)
      await database.kysely.deleteFrom('hf_audit').where('chain', '=', chain).where('seq', '>=', 25).execute()
      assert.match((await verify()).breaks[0]!.what, /The end is missing: a checkpoint vouches for 30/)
      await database.kysely.deleteFrom('hf_audit_checkpoints').where('chain', '=', chain).where('size', '>', 25).execute()
      assert.match((await verify()).breaks[0]!.what, /There were 30 events when a later process began/)
      await database.kysely.deleteFrom('hf_audit').where('chain', '=', chain).execute()
      await database.kysely.deleteFrom('hf_audit_checkpoints').where('chain', '=', chain).execute()
      await database.kysely.deleteFrom('hf_audit_chains').where('id', '=', chain).execute()
      assert.match((await verify()).breaks[0]!.what, /There were 30 events/)
    })

    it('is seen by the signature where everything behind was hashed anew', async () => {
      const { database, chain, verify } = await written(await open())
      await set(database, chain, 4, 'client', '203.0.113.9')
      await rehash(database, chain)
      const [first] = (await verify()).breaks
      assert.match(first!.what, /rewritten with its hashes/)
      assert.equal(first!.chain.split('/')[1], 'security')
    })

    it('is seen where checkpoints are signed by another key, and where none is left but one kept elsewhere', async () => {
      const { database, chain, verify, log } = await written(await open())
      const { note } = log.status().checkpoints.find((one) => one.chain.endsWith('/security'))!
      const foreign = createSigners(parseKeyring(generateKey()), HOST).map(({ text }) => readVerifier(text)!)
      assert.match((await verifyDatabase(database, foreign)).breaks[0]!.what, /not signed by a key that was given/)
      await set(database, chain, 4, 'client', '203.0.113.9')
      await rehash(database, chain)
      await database.kysely.deleteFrom('hf_audit_checkpoints').execute()
      assert.deepEqual((await verify()).breaks, [], 'the machine alone cannot know')
      assert.match((await verify([note])).breaks[0]!.what, /rewritten with its hashes/)
    })

    it('is seen where a part was blanked and nobody said so, or filled in afterwards', async () => {
      const { database, chain, verify } = await written(await open())
      for await (const unit of readUnits(database, chain, 6, 7)) {
        const { what } = digestsOf(unit)
        const gone = { path: null, data: null, what_salt: null, what_digest: what }
        await database.kysely.updateTable('hf_audit').set(gone).where('chain', '=', chain).where('seq', '=', 6).execute()
      }
      assert.deepEqual(
        (await verify()).breaks.map(({ seq, what }) => [seq, what]),
        [[6, 'This event was blanked, and no redaction was recorded.']],
      )
      await set(database, chain, 6, 'data', '{"userId":"eve"}')
      assert.match((await verify()).breaks[0]!.what, /filled in after it was blanked/)
    })
  })
}

async function set(database: Database, chain: number, seq: number, column: string, value: unknown): Promise<void> {
  await sql`UPDATE hf_audit SET ${sql.ref(column)} = ${value} WHERE chain = ${chain} AND seq = ${seq}`.execute(database.kysely)
}

/** One bit of one character. */
function flip(text: string): string {
  return String.fromCharCode(text.charCodeAt(0) ^ 1) + text.slice(1)
}

/** What an attacker does who knows how the chain is made. */
async function rehash(database: Fixture['database'], chain: number): Promise<void> {
  const hashes = createHashes()
  let previous: string | undefined
  for await (const unit of readUnits(database, chain, 3)) {
    const { who, what } = digestsOf(unit)
    const leaf = hashes.leaf(leafText(unit.seq, unit.open, who, what))
    const hash = previous === undefined ? fromBase64Url(unit.hash) : hashes.link(previous, leaf)
    await set(database, chain, unit.seq, 'hash', toBase64Url(hash))
    previous = hash
  }
}
