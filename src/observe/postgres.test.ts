/** The contracts of incidents and responses on PostgreSQL: each test with tables of its own. */
import { after } from 'node:test'
import { postgresInTurn, postgresUrl } from '../../test/support/services.ts'
import { alertsContract } from './alerts/alerts.contract.ts'
import { incidentsContract } from './incidents/incidents.contract.ts'
import { retainContract } from './incidents/retain.contract.ts'
import { automaticContract } from './responses/automatic.contract.ts'
import { responsesContract } from './responses/responses.contract.ts'
import { secondPersonContract } from './responses/second-person.contract.ts'
import { victimsContract } from './responses/victims.contract.ts'

const service = await postgresUrl()
const { open, close } = postgresInTurn()
after(close)

const skip = 'skip' in service ? service.skip : false
responsesContract('PostgreSQL', open, skip)
secondPersonContract('PostgreSQL', open, skip)
automaticContract('PostgreSQL', open, skip)
victimsContract('PostgreSQL', open, skip)
incidentsContract('PostgreSQL', open, skip)
alertsContract('PostgreSQL', open, skip)
retainContract('PostgreSQL', open, skip)
