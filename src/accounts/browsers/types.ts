/** The words of browsers that were told to remember somebody: to keep them signed in, or to ask for no second factor. */
import type { Secret } from '../../crypto/secret.ts'
import type { Exchange } from '../../engine/exchange.ts'
import type { Actor, Origin, SignIn } from '../types.ts'

/** `remember`: it opens a new session when the last one ended by itself. `trust`: the second factor was given here before. */
export type BrowserKind = 'remember' | 'trust'

/** How long each lasts, in milliseconds; a kind that is absent is off, and what was issued of it before is void. */
export type BrowserLives = Readonly<Partial<Record<BrowserKind, number>>>

/** One of them, as it is listed; nothing in it opens anything. */
export interface Browser {
  /** Public handle. */
  readonly id: string
  readonly kind: BrowserKind
  readonly createdAt: number
  readonly usedAt: number
  /** It ends then, however often it is used. */
  readonly expiresAt: number
  readonly address: string
  readonly userAgent: string
}

export interface Browsers {
  readonly lives: BrowserLives
  /**
   * Begins one in a living session; the token, 256 bits, goes into a cookie of its own. `undefined` when the kind is off, when the
   * session ended in the meantime, or, for `trust`, when no second factor was given in it just now.
   */
  begin(kind: BrowserKind, session: Secret, from: Origin): Promise<Secret | undefined>
  list(userId: string, now: number): Promise<readonly Browser[]>
  /** Ends one of a user, by its public id. */
  end(userId: string, id: string, actor: Actor, x?: Exchange): Promise<boolean>
  /** Ends the one whose token a browser sent. */
  endByToken(kind: BrowserKind, token: string, x?: Exchange): Promise<boolean>
  /** Deletes what ran out; returns how many. */
  sweep(now: number): Promise<number>
}

/** The door of a browser that remembers. Never rejects for what a client sent. */
export interface RememberDoor {
  /**
   * Opens a session, and gives the browser its next token (`remember`). `ask`: whether a second factor that is needed is asked for;
   * otherwise the answer only says so, and nothing is begun.
   */
  signIn(
    input: { readonly token: string; readonly ask?: boolean; readonly replaces?: string | undefined },
    from: Origin,
  ): Promise<SignIn>
}
