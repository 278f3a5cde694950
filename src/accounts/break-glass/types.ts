/** The words of the sealed account: for the day on which nobody can administer by the usual ways. */
import type { Secret } from '../../crypto/secret.ts'
import type { Finding } from '../../engine/finding.ts'
import type { AskedFor } from '../approvals/kit.ts'
import type { Actor, Origin, SignIn } from '../types.ts'

/** One credential in an envelope, or two halves in two; nothing that opens it. */
export interface Seal {
  readonly id: string
  /** How many parts it takes. */
  readonly parts: 1 | 2
  readonly createdAt: number
  /** When somebody last tried the envelope in a drill. */
  readonly testedAt: number | undefined
  readonly usedAt: number | undefined
}

export type Sealed =
  /** `parts`: shown once, to be printed. */
  | { readonly ok: true; readonly seal: Seal; readonly login: string; readonly parts: readonly Secret[] }
  | { readonly ok: false; readonly reason: 'login-taken' | 'role-unknown' | 'approval-required' | 'too-many' }

/** Its credentials: made, tried and ended by the command. */
export interface BreakGlass {
  /** What the sealed account signs in as in the log. */
  readonly login: string
  /** Seals one, and makes the account where there is none. `role`: of the application. @default the first that permits everything */
  create(wanted: { readonly parts: 1 | 2; readonly role?: string }, actor: Actor, options?: AskedFor): Promise<Sealed>
  list(): Promise<readonly Seal[]>
  /** A drill: whether it would open, without opening. */
  test(parts: readonly string[], actor: Actor): Promise<boolean>
  /** Ends one that was not used. */
  revoke(id: string, actor: Actor): Promise<boolean>
  /** What an operator should know: none that is sealed, never tried, tried too long ago. Empty where there never was one. */
  findings(wanted: boolean): Promise<readonly Finding[]>
}

/** The door of the sealed account. */
export interface BreakGlassDoor {
  /** `approval`: all is right, and a second person has to say yes before; the same again goes through then. */
  open(
    input: { readonly parts: readonly string[]; readonly replaces?: string | undefined },
    from: Origin,
  ): Promise<SignIn | { readonly ok: false; readonly reason: 'approval'; readonly until: number }>
}
