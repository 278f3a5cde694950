/** What holds of sealing anew on every database: nothing is lost, whoever writes meanwhile, and it goes on where it stopped. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sql } from 'kysely'
import { generateKey, parseKeyring } from '../crypto/keyring.ts'
import type { Database } from '../store/database.ts'
import { race } from '../testing/race.ts'
import { fieldCipher } from './field-cipher.ts'
import { fieldColumn, reencrypt, sealedBy, type Progress } from './reencrypt.ts'

const [OLD, NEXT] = [generateKey('k_1'), generateKey('kx1')] // in LIKE one would stand for the other
const COLUMN = fieldColumn('notes.text')
const ROWS = 250

export function reencryptContract(name: string, open: () => Promise<Database>, skip: string | false = false): void {
  async function notes() {
    const database = await open()
    const { kysely } = database
    await sql`CREATE TABLE notes (id text PRIMARY KEY, text text)`.execute(kysely)
    const old = parseKeyring(OLD)
    const both = parseKeyring(`${NEXT},${OLD}`)
    const before = fieldCipher(old, 'notes.text')
    const ids = Array.from({ length: ROWS }, (_, index) => `n${String(index).padStart(4, '0')}`)
    await kysely
      .insertInto('notes')
      .values(ids.map((id) => ({ id, text: before.seal(id, `text of ${id}`) })))
      .execute()
    const rowsOf = () =>
      kysely.selectFrom('notes').select(['id', 'text']).orderBy('id').execute() as Promise<{ id: string; text: string }[]>
    return { database, kysely, both, before, ids, rowsOf }
  }

  describe(`sealing anew on ${name}`, { skip }, () => {
    it('leaves every row readable under the new key alone, and says how far it is', async () => {
      const { database, both, ids, rowsOf } = await notes()
      const steps: Progress[] = []
      const progress = (step: Progress) => void steps.push(step)
      const result = await reencrypt({ database, keys: both, columns: [COLUMN], progress, batch: 100 })
      assert.deepEqual(result, { done: ROWS, unreadable: [], left: 0 })
      assert.deepEqual(
        steps.map(({ done, total }) => [done, total]),
        [
          [100, ROWS],
          [200, ROWS],
          [250, ROWS],
        ],
      )
      const after = fieldCipher(parseKeyring(NEXT), 'notes.text')
      assert.deepEqual(
        (await rowsOf()).map(({ id, text }) => after.open(id, text)),
        ids.map((id) => ({ ok: true, text: `text of ${id}` })),
      )
      assert.deepEqual(await sealedBy(database, [COLUMN]), [{ column: 'notes.text', keyId: 'kx1', rows: ROWS }])
      assert.equal((await reencrypt({ database, keys: both, columns: [COLUMN] })).done, 0)
      await database.close()
    })

    it('is readable half-way, and goes on where it was interrupted', async () => {
      const { database, both, ids, rowsOf } = await notes()
      const stop = new AbortController()
      const half = { database, keys: both, columns: [COLUMN], batch: 60, signal: stop.signal, progress: () => stop.abort() }
      assert.deepEqual(await reencrypt(half), { done: 60, unreadable: [], left: ROWS - 60 })
      const reader = fieldCipher(both, 'notes.text')
      assert.deepEqual(
        (await rowsOf()).map(({ id, text }) => reader.open(id, text)),
        ids.map((id) => ({ ok: true, text: `text of ${id}` })),
      )
      assert.equal((await reencrypt({ database, keys: both, columns: [COLUMN] })).done, ROWS - 60)
      await database.close()
    })

    it('never overwrites what somebody wrote between its reading and its writing', async () => {
      const { database, kysely, both, before, ids, rowsOf } = await notes()
      const writer = fieldCipher(both, 'notes.text')
      const writes: Promise<unknown>[] = []
      // Once under the new key and once under the old, as a process does that does not know the new one is current.
      const racing: Pick<typeof both, 'current' | 'seal' | 'open'> = {
        current: both.current,
        seal: both.seal,
        open(purpose, sealed, bound) {
          const id = bound![2]!
          const cipher = id === ids[3] ? writer : id === ids[4] ? before : undefined
          if (cipher)
            writes.push(
              kysely
                .updateTable('notes')
                .set({ text: cipher.seal(id, 'new') })
                .where('id', '=', id)
                .execute(),
            )
          return both.open(purpose, sealed, bound)
        },
      }
      await reencrypt({ database, keys: racing, columns: [COLUMN] })
      assert.equal((await Promise.all(writes)).length, 2)
      await reencrypt({ database, keys: both, columns: [COLUMN] })
      const after = fieldCipher(parseKeyring(NEXT), 'notes.text')
      assert.deepEqual(
        (await rowsOf()).map(({ id, text }) => after.open(id, text)),
        ids.map((id, index) => ({ ok: true, text: index === 3 || index === 4 ? 'new' : `text of ${id}` })),
      )
      await database.close()
    })

    it('seals each row once when several run at the same time', async () => {
      const { database, both } = await notes()
      const results = await race(4, () => reencrypt({ database, keys: both, columns: [COLUMN] }))
      assert.equal(
        results.reduce((sum, { done }) => sum + done, 0),
        ROWS,
      )
      assert.deepEqual(await sealedBy(database, [COLUMN]), [{ column: 'notes.text', keyId: 'kx1', rows: ROWS }])
      await database.close()
    })

    it('leaves alone what no key opens, says how many and of which key, and does the rest', async () => {
      const { database, kysely, both, rowsOf } = await notes()
      const gone = fieldCipher(parseKeyring(generateKey('gone')), 'notes.text').seal('n0001', 'x')
      await kysely.updateTable('notes').set({ text: gone }).where('id', '=', 'n0001').execute()
      await kysely.updateTable('notes').set({ text: null }).where('id', '=', 'n0002').execute()
      const result = await reencrypt({ database, keys: both, columns: [COLUMN] })
      assert.deepEqual(result, { done: ROWS - 2, unreadable: [{ column: 'notes.text', keyId: 'gone', rows: 1 }], left: 0 })
      assert.equal((await rowsOf())[1]!.text, gone)
      await database.close()
    })
  })
}
