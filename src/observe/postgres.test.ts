/** The contracts of incidents and responses on PostgreSQL: each test in a schema of its own. */
import { after } from 'node:test'
import { freshPostgres, postgresUrl } from '../../test/support/services.ts'
import type { Database } from '../store/database.ts'
import { alertsContract } from './alerts/alerts.contract.ts'
import { incidentsContract } from './incidents/incidents.contract.ts'
import { retainContract } from './incidents/retain.contract.ts'
import { automaticContract } from './responses/automatic.contract.ts'
import { responsesContract } from './responses/responses.contract.ts'
import { secondPersonContract } from './responses/second-person.contract.ts'
import { victimsContract } from './responses/victims.contract.ts'

const service = await postgresUrl()
const opened: Database[] = []

after(async () => {
  for (const database of opened) await database.close()
})

async function open(): Promise<Database> {
  // One at a time: the server's connections are shared with every other test file.
  await opened.pop()?.close()
  const database = await freshPostgres()
  opened.push(database)
  return database
}

const skip = 'skip' in service ? service.skip : false
responsesContract('PostgreSQL', open, skip)
secondPersonContract('PostgreSQL', open, skip)
automaticContract('PostgreSQL', open, skip)
victimsContract('PostgreSQL', open, skip)
incidentsContract('PostgreSQL', open, skip)
alertsContract('PostgreSQL', open, skip)
retainContract('PostgreSQL', open, skip)
