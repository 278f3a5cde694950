/** The acts of the kit itself that can be marked: what of each is bound. One place, so that asking and doing never differ. */
import type { Tell } from '../../engine/act.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { splitRoles, type Roles } from '../users/roles.ts'
import type { AccountsTransaction } from '../schema.ts'
import type { Actor } from '../types.ts'
import type { KitAct } from './acts.ts'
import type { ApprovalGate, ApprovalParams, UsedApproval } from './types.ts'

/** Giving a role that permits everything. `to`: the login, in its one spelling, or the address that is invited. */
export const makeAdministrator = (to: string, roles: string): ApprovalParams => ({ to, roles })
/** Deleting a user for good. */
export const deleteUser = (login: string, id: string): ApprovalParams => ({ login, id })
/** Acting as a user where things can be changed by it. */
export const actAs = (login: string, id: string): ApprovalParams => ({ login, id })

/** Whose question it was: who acts, unless the command does it for somebody. */
export interface AskedFor {
  /** Whose approval is used. @default who acts */
  readonly asker?: Actor
}

/** What making somebody an administrator needs. `before`, `after`: roles as they are stored. */
export interface Granting extends AskedFor {
  readonly actor: Actor
  readonly to: string
  readonly before: string
  readonly after: string
  readonly exchange?: Exchange | undefined
}

/** Of a grant that makes nobody an administrator nothing is asked. */
export async function spendForRoles(
  tx: AccountsTransaction,
  tell: Tell,
  { approved, roles: { administrators } }: { readonly approved: ApprovalGate; readonly roles: Pick<Roles, 'administrators'> },
  { actor, asker = actor, to, before, after, exchange }: Granting,
): Promise<UsedApproval | 'none' | undefined> {
  const had = splitRoles(before)
  const makes = splitRoles(after).some((name) => administrators.includes(name) && !had.includes(name))
  const wanted = { actor: asker, act: MAKE_ADMINISTRATOR, params: makeAdministrator(to, after) }
  return makes ? await approved.spend(tx, tell, wanted, exchange) : 'none'
}

export const MAKE_ADMINISTRATOR: KitAct = 'users:make-administrator'
export const DELETE_USER: KitAct = 'users:delete'
export const IMPERSONATE: KitAct = 'impersonation:write'
export const UNSEAL: KitAct = 'break-glass:unseal'
