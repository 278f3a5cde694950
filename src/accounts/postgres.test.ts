/** The contracts of accounts on PostgreSQL: each test with tables of its own, as a role that has what `holdfast db grants print` gives it and no more. */
import { after } from 'node:test'
import { withRoles } from '../../test/support/roles.ts'
import { inTurn, postgresUrl } from '../../test/support/services.ts'
import { postgres } from '../store/postgres.ts'
import { accountsContract } from './accounts.contract.ts'

const service = await postgresUrl()

const databases = inTurn(async () => {
  const { admin, applicationUrl, close } = await withRoles()
  return { admin, open: () => ({ ...postgres(applicationUrl, { poolSize: 5 }), owner: admin }), close }
})
after(databases.close)

accountsContract('PostgreSQL', databases.open, 'skip' in service ? service.skip : false)
