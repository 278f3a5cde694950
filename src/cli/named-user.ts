/** Finds the user that a verb is about: its first word is their login. */
import type { Accounts, User } from '../accounts/types.ts'
import { shown } from './arguments.ts'
import { refused, type Call, type Outcome } from './command.ts'

export interface Found {
  readonly accounts: Accounts
  readonly user: User
}

/** Opens accounts and gives the user to `work`; refuses with `unknown-user` when there is none. Never makes a database. */
export async function withUser(
  call: Call,
  work: (found: Found) => Promise<Outcome>,
  letters?: 'where-possible',
): Promise<Outcome> {
  const { withAccounts } = await import('./open.ts')
  const login = call.args[0]!
  return await withAccounts(call, { make: false, ...(letters && { letters }) }, async (accounts) => {
    const user = await accounts.users.byLogin(login)
    return user ? await work({ accounts, user }) : refused('unknown-user', `There is no user ${shown(login)}.`)
  })
}
