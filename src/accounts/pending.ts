/**
 * Sign-ins that wait for a second factor, or for a new password. They are no sessions: nothing but the door of what is missing reads their token, and
 * what is stored tells who began, by which proof, and no secret (L03, L17, L24; CVE-2020-15105).
 * Source: OWASP Multifactor Authentication Cheat Sheet; OWASP ASVS 5.0 6.3.3.
 */
import { Secret } from '../crypto/secret.ts'
import type { AtomicStore } from '../store/atomic.ts'
import type { GivenProof } from './gate.ts'
import { hashOfToken, newToken } from './sessions/token.ts'

/** What the first proof has shown. The gate checks it again at the end: it holds only while the password is still that one. */
export interface PendingSignIn {
  readonly userId: string
  /** The login as counters know it. */
  readonly mark: string
  readonly proof: GivenProof
  /** What it waits for. @default a second factor */
  readonly for?: 'new-password'
}

/** Where they wait, for `PENDING_FOR` milliseconds. */
export interface Pendings {
  /** The token for the browser, 256 bits; it is stored as a hash. */
  begin(pending: PendingSignIn): Promise<Secret>
  /** Whose it is, while it waits for that: what waits for something else is nothing here (L39). */
  read(token: string, wanted?: PendingSignIn['for']): Promise<PendingSignIn | undefined>
  /** The same, and it is over: of many at once one gets it (L14). */
  consume(token: string, wanted?: PendingSignIn['for']): Promise<PendingSignIn | undefined>
}

interface Setting {
  readonly once: AtomicStore
  readonly random: (bytes: number) => string
  readonly now: () => number
}

export const PENDING_FOR = 300_000

/** Makes the waiting room. */
export function createPendings({ once, random, now }: Setting): Pendings {
  return {
    async begin(pending) {
      const { token, hash } = newToken(random)
      await once.put(keyOf(hash), JSON.stringify(pending), PENDING_FOR, now())
      return token
    },
    async read(token, wanted) {
      const hash = hashOfToken(token)
      return hash === undefined ? undefined : parse(await once.get(keyOf(hash), now()), wanted)
    },
    async consume(token, wanted) {
      const hash = hashOfToken(token)
      return hash === undefined ? undefined : parse(await once.consumeOnce(keyOf(hash), now()), wanted)
    },
  }
}

function keyOf(hash: string): string {
  return `accounts:pending:${hash}`
}

function parse(text: string | undefined, wanted: PendingSignIn['for']): PendingSignIn | undefined {
  if (text === undefined) return undefined
  const pending = JSON.parse(text) as PendingSignIn
  return pending.for === wanted ? pending : undefined
}
