/** Sealing anew, killed again and again at moments that nobody chose: every row stays readable, and in the end all are done. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { sql } from 'kysely'
import { generateKey, parseKeyring } from '../src/crypto/keyring.ts'
import { fieldCipher } from '../src/secrets/field-cipher.ts'
import { fieldColumn, sealedBy } from '../src/secrets/reencrypt.ts'
import type { Database } from '../src/store/database.ts'
import { openDatabase } from '../src/store/index.ts'
import { freshPostgres, postgresUrl } from './support/services.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-killed-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const postgres = await postgresUrl()
const [OLD, NEXT] = [generateKey('old'), generateKey('next')]
const ROWS = 600
const FLAGS = ['--conditions=holdfast-source', '--disable-warning=ExperimentalWarning']
const textOf = (id: string) => `text of ${id}`

/** Runs until it is done, or is killed a while after it has begun. Says whether it was killed. */
async function run(url: string, killAfter: number): Promise<boolean> {
  const child = spawn(process.execPath, [
    ...FLAGS,
    join(import.meta.dirname, 'support/reencrypt-process.ts'),
    url,
    `${NEXT},${OLD}`,
  ])
  const ended = once(child, 'exit')
  child.stdout.once('data', () => setTimeout(() => child.kill('SIGKILL'), killAfter).unref())
  const [code, signal] = (await ended) as [number | null, string | null]
  assert.ok(signal === 'SIGKILL' || code === 0, `It ended with ${code}.`)
  return signal === 'SIGKILL'
}

async function check(name: string, database: Database, url: string): Promise<void> {
  const ids = Array.from({ length: ROWS }, (_, index) => `n${String(index).padStart(4, '0')}`)
  const old = fieldCipher(parseKeyring(OLD), 'notes.text')
  await sql`CREATE TABLE notes (id text PRIMARY KEY, text text)`.execute(database.kysely)
  await database.kysely
    .insertInto('notes')
    .values(ids.map((id) => ({ id, text: old.seal(id, textOf(id)) })))
    .execute()
  const readable = async (keys: string): Promise<number> => {
    const cipher = fieldCipher(parseKeyring(keys), 'notes.text')
    const rows = (await database.kysely.selectFrom('notes').selectAll().execute()) as { id: string; text: string }[]
    return rows.filter(({ id, text }) => {
      const opened = cipher.open(id, text)
      return opened.ok && opened.text === textOf(id)
    }).length
  }
  const olderLeft = async () =>
    (await sealedBy(database, [fieldColumn('notes.text')])).find(({ keyId }) => keyId === 'old')?.rows ?? 0
  let [kills, left] = [0, ROWS]
  while (left > 0) {
    if (await run(url, kills % 4 === 3 ? 60_000 : Math.random() * 15)) kills++
    assert.equal(await readable(`${NEXT},${OLD}`), ROWS, name)
    const now = await olderLeft()
    assert.ok(now <= left, 'what was done is done')
    left = now
  }
  assert.ok(kills > 0, 'It was never killed: nothing was tried.')
  assert.equal(await readable(NEXT), ROWS)
}

describe('sealing anew, killed at any moment', () => {
  it('leaves every row readable and goes on, in an embedded database', { timeout: 110_000 }, async () => {
    const url = join(folder, 'notes.sqlite')
    const database = await openDatabase(url)
    await check('SQLite', database, url)
    await database.close()
  })

  it(
    'leaves every row readable and goes on, in PostgreSQL',
    { skip: 'skip' in postgres && postgres.skip, timeout: 110_000 },
    async () => {
      const database = await freshPostgres()
      await check('PostgreSQL', database, database.url)
      await database.close()
    },
  )
})
