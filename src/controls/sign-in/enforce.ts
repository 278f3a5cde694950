/**
 * Who must have a second factor, and what is left to them until they do. During the grace they are led to the enrolment when they
 * sign in; after it nothing but the enrolment works, on public routes neither: what a route shows may depend on who asks.
 * Source: OWASP ASVS 5.0 6.3.3; OWASP Multifactor Authentication Cheat Sheet, "Require MFA for administrators".
 */
import type { Accounts } from '../../accounts/types.ts'
import type { Verdict } from '../../engine/control.ts'
import type { Emit } from '../../engine/events.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { Principal } from '../../engine/facts.ts'
import { invalid } from '../../engine/options.ts'
import { deny } from '../../engine/reply.ts'
import { hint } from '../../engine/suggest.ts'
import { AccessToken } from '../access-tokens/slot.ts'
import { Session } from '../session/slot.ts'
import { demandsSecondFactor, type BaseOptions } from './options.ts'
import { FactorDue } from './slot.ts'

export interface Enforcement {
  /** Whether this person has to enrol a second factor. */
  concerns(principal: Principal): boolean
  /** Refuses, once the grace is over. */
  decide(x: Exchange): Verdict | Promise<Verdict>
}

const CODE = 'second-factor-enrolment-required'
const REFUSED = deny(403, CODE)

/** Throws HF_OPTION_INVALID for a role that nobody can have: it would protect nobody. */
export function createEnforcement(options: BaseOptions, { factors, roles }: Accounts, emit: Emit): Enforcement {
  const { secondFactor, factorsPath } = options
  const { when } = secondFactor
  const wanted = new Set(secondFactor.roles)
  const demanded = demandsSecondFactor(options)
  for (const role of wanted) {
    if (!Object.hasOwn(roles, role)) invalid('A role of signIn.secondFactor', role, hint(role, Object.keys(roles)))
  }

  /** Whoever has a factor signs in with it, or in a browser where they gave it before (`tdv`): any other session below level 2 is of somebody who has none. */
  function concerns(who: Principal): boolean {
    if (!demanded || who.aal >= 2 || who.amr.includes('tdv')) return false
    // Fail closed: a promise, or nothing, is no "no".
    return who.roles.some((role) => wanted.has(role)) || (when !== false && when(who) !== false)
  }

  function judge(x: Exchange, due: number): Verdict {
    x.set(FactorDue, due)
    const enrols = x.path === factorsPath || x.path.startsWith(`${factorsPath}/`)
    if (x.time < due || enrols) return undefined
    emit({ type: 'authz_fail', data: { code: CODE } }, x)
    return REFUSED
  }

  return {
    concerns,
    decide(x) {
      // An app asks for somebody, and may no more than they. Keys are given by those who may.
      const principal = demanded && (x.get(Session) || x.get(AccessToken)) && x.get(Principal)
      if (!principal || !concerns(principal)) return undefined
      const due = factors.dueAt(principal.id, secondFactor.grace, x.time)
      return due instanceof Promise ? due.then((later) => judge(x, later)) : judge(x, due)
    },
  }
}
