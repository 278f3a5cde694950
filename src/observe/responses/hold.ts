/** What a response keeps up: the forms in which requests are held, as they are stored and as the controls read them. */
import type { Subject } from '../detected.ts'

/** Whoever can be held by who they are. */
export type Holdable = 'user' | 'session' | 'api-key' | 'app'

export type Hold =
  /** Requests of these addresses are refused. `network`: as limits name a client (an IPv4 address, an IPv6 /64), or a wider one. */
  | { readonly kind: 'block'; readonly network: string; readonly everybody: boolean }
  /** Nothing closed is open to them. */
  | { readonly kind: 'refuse'; readonly whom: Holdable; readonly id: string }
  /** They prove who they are once more, after it began. `*`: everybody. */
  | { readonly kind: 'step-up'; readonly user: string }
  /** Each request takes so many from the limit. Without a limit: from all; without a subject: of everybody. */
  | { readonly kind: 'slow'; readonly factor: number; readonly limit?: string; readonly whom?: Slowed; readonly id?: string }
  /** Exact paths are closed; without a method to all. */
  | { readonly kind: 'close'; readonly routes: readonly { readonly method?: string; readonly path: string }[] }
  /** Nothing is changed by anybody. */
  | { readonly kind: 'read-only' }
  /** Every request of the subject is told. */
  | { readonly kind: 'watch'; readonly subject: Subject }
  /** Whoever uses it is told at once. `login`: the name of the user, whom somebody may try to sign in as. */
  | { readonly kind: 'decoy'; readonly subject: Subject; readonly login?: string }

export type Slowed = 'client' | 'user'

/** A hold that is in force. */
export interface Active {
  /** Of the response. */
  readonly id: string
  readonly hold: Hold
  readonly since: number
  readonly until: number
}
