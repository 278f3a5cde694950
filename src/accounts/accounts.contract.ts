/** Everything that accounts must hold on every database. */
import type { Open } from './fixture.contract.ts'
import { factorsContract } from './factors/factors.contract.ts'
import { identitiesContract } from './identities/identities.contract.ts'
import { importedContract } from './imported.contract.ts'
import { linksContract } from './links.contract.ts'
import { passwordContract } from './password.contract.ts'
import { sessionsContract } from './sessions.contract.ts'
import { apiKeysContract } from './tokens/api-keys.contract.ts'
import { usersContract } from './users.contract.ts'

export function accountsContract(name: string, open: Open, skip: string | false = false): void {
  factorsContract(name, open, skip)
  identitiesContract(name, open, skip)
  importedContract(name, open, skip)
  linksContract(name, open, skip)
  passwordContract(name, open, skip)
  sessionsContract(name, open, skip)
  usersContract(name, open, skip)
  apiKeysContract(name, open, skip)
}
