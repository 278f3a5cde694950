/**
 * What holds for everybody who is signed in, on every route that is not public: a limit for each user, and a requirement.
 * A route asks for more with `requires(…)`; it can only tighten.
 * Source: OWASP Authorization Cheat Sheet; OWASP ASVS 5.0, 8.2.1 and 8.3.1.
 */
import { defineControl, type Verdict } from '../../engine/control.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { Principal } from '../../engine/facts.ts'
import { withDefaults } from '../../engine/options.ts'
import { compileRequirement, type Requirement } from '../../engine/policy.ts'
import type { Reply } from '../../engine/reply.ts'
import { Limits } from '../rate-limit/slot.ts'

export interface AuthorizeOptions {
  /** What every route that is not public asks for: `{ aal: 2 }`. The kit's own pages do not ask. @default undefined */
  readonly everywhere: Requirement | undefined
}

const DEFAULTS: AuthorizeOptions = { everywhere: undefined }

export const authorize = defineControl({
  name: 'authorize',
  needs: [Principal],
  options: (input?: Partial<AuthorizeOptions>) => withDefaults('authorize', DEFAULTS, input),
  start({ options, emit }) {
    const decide = options.everywhere && compileRequirement(options.everywhere)

    function enter(x: Exchange): Verdict | Promise<Verdict> {
      const limited = x.get(Limits)?.principal(x)
      if (limited instanceof Promise) return limited.then((reply) => reply ?? demand(x))
      return limited ?? demand(x)
    }

    function demand(x: Exchange): Reply | undefined {
      if (decide === undefined || x.route.public) return undefined
      const refusal = decide(x.get(Principal), x.time)
      if (refusal) emit({ type: 'authz_fail', data: { code: refusal.denial?.code, reason: refusal.denial?.reason } }, x)
      return refusal
    }

    return { enter }
  },
})
