/**
 * Whether this may be asked without an account: everything is closed but what the central table opens by exact method and path.
 * Stops routes that somebody forgot to protect (CWE-306, CWE-425).
 * Source: OWASP Authorization Cheat Sheet, "Deny by Default"; OWASP ASVS 5.0, 8.2.1.
 */
import { defineControl } from '../../engine/control.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { Principal } from '../../engine/facts.ts'
import { withDefaults } from '../../engine/options.ts'
import { deny, type Reply } from '../../engine/reply.ts'

/** There is nothing to set: what is open stands in `public` and `routes`. */
export type AuthenticateOptions = Readonly<Record<never, never>>

const REFUSED = deny(401, 'sign-in-required')

export const authenticate = defineControl({
  name: 'authenticate',
  needs: [Principal],
  options: (input?: AuthenticateOptions) => withDefaults('authenticate', {}, input),
  start({ emit }) {
    return {
      enter(x: Exchange): Reply | undefined {
        if (x.route.public || x.get(Principal)) return undefined
        // Everybody begins as nobody: worth a line, not an alarm.
        emit({ type: 'authz_fail', level: 'info', data: { code: 'sign-in-required' } }, x)
        return REFUSED
      },
    }
  },
})
