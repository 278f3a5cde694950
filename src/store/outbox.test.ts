/** The outbox on SQLite and on PostgreSQL. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe } from 'node:test'
import { freshPostgres, postgresUrl } from '../../test/support/services.ts'
import { outboxWorkerContract } from './outbox-worker.contract.ts'
import { outboxContract } from './outbox.contract.ts'
import type { OpenedOutbox } from './outbox-fixture.contract.ts'
import { postgres } from './postgres.ts'
import { sqlite } from './sqlite.ts'

const server = await postgresUrl()
const folder = mkdtempSync(join(tmpdir(), 'holdfast-outbox-'))
after(() => rmSync(folder, { recursive: true, force: true }))
let files = 0

function contracts(name: string, open: () => Promise<OpenedOutbox>): void {
  outboxContract(name, open)
  outboxWorkerContract(name, open)
}

contracts('SQLite in memory', async () => {
  const database = sqlite()
  return { database, close: () => database.close() }
})

contracts('SQLite in a file', async () => {
  const path = join(folder, `${files++}.db`)
  const database = sqlite(path)
  return { database, again: () => sqlite(path), close: () => database.close() }
})

describe('against a server', { skip: 'skip' in server && server.skip }, () => {
  contracts('PostgreSQL', async () => {
    const database = await freshPostgres()
    return { database, again: () => postgres(database.url, { poolSize: 2 }), close: () => database.close() }
  })
})
