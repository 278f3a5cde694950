/** What other controls may know of the sign-in. */
import type { NewSession } from '../../accounts/types.ts'
import { slot } from '../../engine/exchange.ts'

import type { PageModel } from '../../console/pages/index.ts'
import type { SafeHtml } from '../../html/html.ts'
import type { Reply } from '../../engine/reply.ts'

/** Turns what the gate issued into the answer for an app. There for requests that say `"as": "token"`; no cookie is set then. */
export const AsTokens = slot<(session: NewSession) => Promise<Reply>>('as-tokens')
/** The work that the form of this request's page asks for. */
export const ChallengeShown = slot<NonNullable<PageModel['challenge']>>('challenge-shown')
/** Makes the field of a form whose route asks for work, by method and path. There where a route does. */
export const RouteChallenge = slot<(route: string) => SafeHtml>('route-challenge')
/** The session that this request's door gave, or renewed. */
export const Admitted = slot<NewSession>('admitted')

/** When the user must have enrolled a second factor, in milliseconds since 1970. Absent for those who need none, or have one. */
export const FactorDue = slot<number>('factor-due')

/** True where nothing else works before the user has verified their address. Absent for everybody else. */
export const VerificationDue = slot<boolean>('verification-due')
