/** The contracts of incidents and responses on the embedded database. */
import { after } from 'node:test'
import { sqlite } from '../store/sqlite.ts'
import type { Database } from '../store/database.ts'
import { alertsContract } from './alerts/alerts.contract.ts'
import { incidentsContract } from './incidents/incidents.contract.ts'
import { retainContract } from './incidents/retain.contract.ts'
import { automaticContract } from './responses/automatic.contract.ts'
import { responsesContract } from './responses/responses.contract.ts'
import { secondPersonContract } from './responses/second-person.contract.ts'
import { victimsContract } from './responses/victims.contract.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-observe-sqlite-'))
const opened: Database[] = []

after(async () => {
  for (const database of opened) await database.close()
  rmSync(folder, { recursive: true })
})

async function open(): Promise<Database> {
  const database = sqlite(join(folder, `${opened.length}.sqlite`))
  opened.push(database)
  return database
}

responsesContract('SQLite', open)
secondPersonContract('SQLite', open)
automaticContract('SQLite', open)
victimsContract('SQLite', open)
incidentsContract('SQLite', open)
alertsContract('SQLite', open)
retainContract('SQLite', open)
