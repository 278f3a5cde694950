/** Who may come: read and checked once, at start-up. Source: OWASP ASVS 5.0 6.3, 8.2 (nobody gives themselves privileges). */
import { invalid } from '../../engine/options.ts'
import { hint } from '../../engine/suggest.ts'
import type { SignUpPolicy } from './types.ts'
import type { Roles } from '../users/roles.ts'

/** Nobody by themselves: an application that is for some is open to all by one forgotten line otherwise. */
export const DEFAULT_SIGN_UP: SignUpPolicy = { mode: 'closed', roles: [], login: 'address' }

/** Throws HF_OPTION_INVALID for a role that is not there, and for one that would make everybody an administrator. */
export function checkSignUp(policy: SignUpPolicy, { names, administrators }: Roles): SignUpPolicy {
  for (const role of policy.roles) {
    if (!names.includes(role)) invalid('A role of signIn.signUp', role, hint(role, names))
    if (administrators.includes(role))
      invalid('A role of signIn.signUp', role, 'Give newcomers less than everything: whoever signs up would administer.')
  }
  return policy
}

/**
 * Whether somebody may give these roles to others: those that they hold, or all as an administrator, and what everybody gets anyway.
 * Permissions that are within one's own are not enough: a route may ask for a role by its name.
 */
export function roleWithin(
  wanted: readonly string[],
  held: readonly string[],
  { roles, policy }: { readonly roles: Roles; readonly policy: SignUpPolicy },
): boolean {
  if (held.some((name) => roles.administrators.includes(name))) return true
  return wanted.every((name) => held.includes(name) || policy.roles.includes(name))
}
