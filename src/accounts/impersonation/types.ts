/** The words of impersonation: somebody of the operator sees the application as one of its users does. */
import type { Exchange } from '../../engine/exchange.ts'
import type { Actor, NewSession } from '../types.ts'

/** What the operator allows. */
export interface ImpersonationPolicy {
  /** Milliseconds until it ends by itself. */
  readonly life: number
  /** Whether anything may be changed by it. */
  readonly write: boolean
}

/** One that lasts, as the user sees it whom it is about. */
export interface Impersonation {
  /** Public id of the session. */
  readonly id: string
  /** Display name of who acts as them. */
  readonly by: string
  readonly byId: string
  readonly reason: string
  readonly since: number
  readonly until: number
}

/**
 * `off`: the application has no such option. `denied`: who asks may not, acts as somebody already, or names somebody who may not be
 * impersonated: nobody, themselves, a service, somebody disabled, or who may administer or impersonate. `reason`: none was given. `approval`: a second
 * person has to say yes before.
 */
export type Impersonated =
  /** Who asks with it is found by the token, at the next request. */
  | ({ readonly ok: true } & Pick<NewSession, 'token' | 'session'>)
  | { readonly ok: false; readonly reason: 'off' | 'denied' | 'reason' | 'approval' }

/** Acting as somebody else: it is a state of one's own session, so the way back is on the server, and it ends with that session. */
export interface Impersonations {
  /** Absent: it is off. */
  readonly policy: ImpersonationPolicy | undefined
  /** `session`: the token of who asks. Their session gets a new one; the user is told by a letter. */
  start(
    input: { readonly session: string; readonly userId: string; readonly reason: string; readonly tenantId?: string | undefined },
    x?: Exchange,
  ): Promise<Impersonated>
  /** Back to oneself, with a new token; `undefined` where the session acts as nobody, or ended. */
  stop(session: string, x?: Exchange): Promise<NewSession | undefined>
  /** Who acts as this user now. */
  of(userId: string): Promise<readonly Impersonation[]>
  /** Ends one, for the user whom it is about. */
  end(userId: string, id: string, actor: Actor, x?: Exchange): Promise<boolean>
}
