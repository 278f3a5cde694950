/** The contracts of accounts on PostgreSQL: each test in a schema of its own, as a role that has what `holdfast db grants print` gives it and no more. */
import { after } from 'node:test'
import { withRoles, type Roles } from '../../test/support/roles.ts'
import { postgresUrl } from '../../test/support/services.ts'
import { accountsContract } from './accounts.contract.ts'

const service = await postgresUrl()
const opened: Roles[] = []

after(async () => {
  for (const roles of opened) await roles.close()
})

accountsContract(
  'PostgreSQL',
  async () => {
    // One at a time: the server's connections are shared with every other test file.
    await opened.pop()?.close()
    const roles = await withRoles()
    opened.push(roles)
    return { ...roles.application, owner: roles.admin }
  },
  'skip' in service ? service.skip : false,
)
