/** The contracts of accounts on the embedded database: in a file, where transactions have their own connection. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import type { Database } from '../store/database.ts'
import { sqlite } from '../store/sqlite.ts'
import { accountsContract } from './accounts.contract.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-accounts-'))
const opened: Database[] = []

after(async () => {
  for (const database of opened) await database.close()
  rmSync(folder, { recursive: true })
})

accountsContract('SQLite', async () => {
  const database = sqlite(join(folder, `${opened.length}.sqlite`))
  opened.push(database)
  return database
})
