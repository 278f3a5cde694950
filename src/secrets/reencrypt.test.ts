/** The contract of sealing anew, on SQLite and PostgreSQL. */
import { freshPostgres, postgresUrl } from '../../test/support/services.ts'
import { sqlite } from '../store/sqlite.ts'
import { reencryptContract } from './reencrypt.contract.ts'

const service = await postgresUrl()

reencryptContract('SQLite', () => Promise.resolve(sqlite()))
reencryptContract('PostgreSQL', freshPostgres, 'skip' in service ? service.skip : false)
