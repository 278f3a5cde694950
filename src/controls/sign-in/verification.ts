/**
 * Users who must show that they read the mail of their address, and have not: they are led there, and nothing else works, the
 * enrolment of a second factor neither, so that nobody settles at the address of somebody else (L12).
 * Source: OWASP ASVS 5.0 6.3.7; OWASP Authentication Cheat Sheet, "Validate email".
 */
import type { Accounts } from '../../accounts/types.ts'
import type { Verdict } from '../../engine/control.ts'
import type { Emit } from '../../engine/events.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { Principal } from '../../engine/facts.ts'
import { deny } from '../../engine/reply.ts'
import type { MaybePromise } from '../../store/database.ts'
import { after } from '../../store/maybe.ts'
import { AccessToken } from '../access-tokens/slot.ts'
import { Session } from '../session/slot.ts'
import type { BaseOptions } from './options.ts'
import { VerificationDue } from './slot.ts'

const CODE = 'address-not-verified'
const REFUSED = deny(403, CODE)

/**
 * Asks on every request of a session; `further` is asked when the address is verified.
 */
export function createVerification(
  { requireVerified, addressPath }: BaseOptions,
  { doors }: Accounts,
  emit: Emit,
  further: (x: Exchange) => Verdict | Promise<Verdict>,
): (x: Exchange) => Verdict | Promise<Verdict> {
  if (!requireVerified) return further

  function judge(x: Exchange, verified: boolean): MaybePromise<Verdict> {
    if (verified) return further(x)
    x.set(VerificationDue, true)
    if (x.path === addressPath || x.path.startsWith(`${addressPath}/`)) return undefined
    emit({ type: 'authz_fail', data: { code: CODE } }, x)
    return REFUSED
  }

  return (x) => {
    // An app asks for somebody, and may no more than they.
    const principal = (x.get(Session) || x.get(AccessToken)) && x.get(Principal)
    if (!principal) return further(x)
    return after(doors.verifyAddress.of(principal.id), (found) => judge(x, found?.verified === true))
  }
}
