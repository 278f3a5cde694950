/** `holdfast users set-role` and `delete`: what a second person may have to approve. */
import { DELETE_USER, deleteUser, MAKE_ADMINISTRATOR, makeAdministrator } from '../../accounts/approvals/kit.ts'
import { normaliseLogin } from '../../accounts/users/normalise.ts'
import { unknownRole } from '../../accounts/users/roles.ts'
import type { Accounts, Actor } from '../../accounts/types.ts'
import { shown } from '../arguments.ts'
import { done, refused, Refusal, type Action, type Call, type Outcome } from '../command.ts'
import { withUser, type Found } from '../named-user.ts'
import { askerOf, askInstead, SECOND_PERSON } from '../second-person.ts'

const LAST = 'is the last who can administer. Give somebody else the role first.'

export const setRoleOf: Action = {
  name: 'set-role',
  args: ['LOGIN', '[ROLE]'],
  what: 'Give a user exactly these roles, in place of those they have',
  options: {
    role: { type: 'string', multiple: true, value: 'ROLE', what: 'A role; may be given more than once' },
    none: { type: 'boolean', what: 'No role at all' },
    ...SECOND_PERSON,
  },
  run: (call) => withUser(call, (found) => setRole(call, found), 'where-possible'),
}

export const deleteOne: Action = {
  name: 'delete',
  args: ['LOGIN'],
  what: 'Delete a user at once and for good, with all that belongs to them',
  options: { yes: { type: 'boolean', what: 'You mean it' }, ...SECOND_PERSON },
  run: (call) => withUser(call, (found) => remove(call, found), 'where-possible'),
}

/** Nobody leaves an organisation without an owner. */
export function lastOwner(login: string, tenant: string): Outcome {
  const text = `${shown(login)} is the last owner of ${shown(tenant)} who may sign in. Make somebody else an owner first: holdfast tenants set-roles.`
  return refused('last-owner', text)
}

/** The question about a grant, in the words that accounts bind. */
export function askToGrant(
  call: Call,
  accounts: Accounts,
  { asker, login, roles }: { readonly asker?: Actor; readonly login: string; readonly roles: readonly string[] },
): Promise<Outcome> {
  const key = normaliseLogin(login)
  const params = makeAdministrator(key.ok ? key.value : '', [...new Set(roles)].toSorted().join(' '))
  return askInstead(call, accounts, { ...(asker && { asker }), act: MAKE_ADMINISTRATOR, params })
}

async function setRole(call: Call, { accounts, user }: Found): Promise<Outcome> {
  const { CLI } = await import('../open.ts')
  const roles = [...call.args.slice(1), ...(call.list('role') ?? [])]
  if ((roles.length === 0) !== call.flag('none')) throw new Refusal(2, 'Name the roles, or give --none.')
  checkRoles(roles, accounts)
  const asked = await askerOf(call, accounts)
  const { ok, reason } = await accounts.users.setRoles(user.id, roles, CLI, asked)
  if (ok) {
    const has = roles.length === 0 ? 'no role' : roles.join(', ')
    return done(`${shown(user.login)} has ${has}.`, { user: { ...user, roles: [...new Set(roles)].toSorted() } })
  }
  if (reason === 'approval-required') return await askToGrant(call, accounts, { ...asked, login: user.login, roles })
  const words = reason === 'last-administrator' ? `${shown(user.login)} ${LAST}` : `There is no user ${shown(user.login)}.`
  return refused(reason ?? 'unknown-user', words)
}

async function remove(call: Call, { accounts, user }: Found): Promise<Outcome> {
  const { CLI } = await import('../open.ts')
  if (!call.flag('yes')) throw new Refusal(2, `This cannot be taken back. Add --yes to delete ${shown(user.login)}.`)
  const asked = await askerOf(call, accounts)
  const removed = await accounts.deletions.remove(user.id, CLI, asked)
  if (removed.ok) return done(`${shown(user.login)} is deleted.`, { user })
  if (removed.reason === 'approval-required')
    return await askInstead(call, accounts, { ...asked, act: DELETE_USER, params: deleteUser(user.login, user.id) })
  if (removed.reason === 'last-owner') return lastOwner(user.login, removed.tenant)
  const words =
    removed.reason === 'last-administrator' ? `${shown(user.login)} ${LAST}` : `There is no user ${shown(user.login)}.`
  return refused(removed.reason, words)
}

/** Throws a Refusal for a role that the application does not know. */
export function checkRoles(wanted: readonly string[], { roles }: Accounts): void {
  const names = Object.keys(roles)
  const unknown = wanted.find((name) => !names.includes(name))
  if (unknown !== undefined) throw new Refusal(2, unknownRole(unknown, { names }))
}
