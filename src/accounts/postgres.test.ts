/** The contracts of accounts on PostgreSQL: each test in a schema of its own. */
import { after } from 'node:test'
import { freshPostgres, postgresUrl } from '../../test/support/services.ts'
import type { Database } from '../store/database.ts'
import { accountsContract } from './accounts.contract.ts'

const service = await postgresUrl()
const opened: Database[] = []

after(async () => {
  for (const database of opened) await database.close()
})

accountsContract(
  'PostgreSQL',
  async () => {
    // One at a time: the server's connections are shared with every other test file.
    await opened.pop()?.close()
    const database = await freshPostgres()
    opened.push(database)
    return database
  },
  'skip' in service ? service.skip : false,
)
