/** The audit log on SQLite and on PostgreSQL. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe } from 'node:test'
import { freshPostgres, postgresUrl } from '../../../test/support/services.ts'
import type { Database } from '../../store/database.ts'
import { sqlite } from '../../store/sqlite.ts'
import { logContract } from './log.contract.ts'
import { proofsContract } from './proofs.contract.ts'
import { tamperContract } from './tamper.contract.ts'

const server = await postgresUrl()
const folder = mkdtempSync(join(tmpdir(), 'holdfast-audit-'))
const opened: Database[] = []
let files = 0
after(async () => {
  for (const database of opened) await database.close()
  rmSync(folder, { recursive: true, force: true })
})

async function file(): Promise<Database> {
  const database = sqlite(join(folder, `${files++}.sqlite`))
  opened.push(database)
  return database
}

logContract('SQLite', file)
tamperContract('SQLite', file)
proofsContract('SQLite', file)

describe('against a server', { skip: 'skip' in server && server.skip }, () => {
  async function fresh(): Promise<Database> {
    await opened.pop()?.close()
    const database = await freshPostgres()
    opened.push(database)
    return database
  }
  logContract('PostgreSQL', fresh)
  tamperContract('PostgreSQL', fresh)
  proofsContract('PostgreSQL', fresh)
})
