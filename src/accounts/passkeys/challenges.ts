/**
 * What an authenticator is asked to sign: 256 random bits that lie on the server, are good once and for five minutes, at one ceremony,
 * for one user, in the browser or session that asked (L18, L19, L20; CVE-2022-42731, CVE-2026-28787).
 * Source: WebAuthn Level 3, 13.4.3 "Cryptographic Challenges".
 */
import { sha256 } from '../../crypto/hash.ts'
import type { AtomicStore } from '../../store/atomic.ts'
import type { PasskeyPurpose } from './types.ts'

/** What an answer is for. One that was given for another is none. */
export type CeremonyName = 'sign-in' | 'second-factor' | 'enrol' | 'sign-up'

export interface Asked {
  readonly ceremony: CeremonyName
  /** Who has to bring the answer: the token of a browser or of what waits, or the id of a session. It is stored as a hash. */
  readonly holder: string
  /** Absent where nobody has said who they are. */
  readonly userId?: string | undefined
  readonly purpose?: PasskeyPurpose | undefined
  /** For a user who is not there yet: the handle they will have. */
  readonly handle?: string | undefined
}

export interface Challenges {
  /** Base64url text of 32 bytes. */
  issue(asked: Asked): Promise<string>
  /** What was asked with it, and it is over; of many at once one gets it. Nothing for another ceremony or another holder. */
  take(challenge: string, ceremony: CeremonyName, holder: string): Promise<Omit<Asked, 'holder'> | undefined>
}

interface Setting {
  readonly once: AtomicStore
  readonly random: (bytes: number) => string
  readonly now: () => number
}

/** Milliseconds. Browsers are told a minute less. */
export const CHALLENGE_LIFE = 300_000
const BYTES = 32
const TEXT = /^[A-Za-z0-9_-]{43}$/

/** Makes the service. */
export function createChallenges({ once, random, now }: Setting): Challenges {
  return {
    async issue({ holder, ...asked }) {
      const challenge = random(BYTES)
      const value = JSON.stringify({ ...asked, holder: sha256(holder) })
      await once.put(keyOf(challenge), value, CHALLENGE_LIFE, now())
      return challenge
    },

    async take(challenge, ceremony, holder) {
      if (!TEXT.test(challenge)) return undefined
      const stored = await once.consumeOnce(keyOf(challenge), now())
      if (stored === undefined) return undefined
      const { holder: owner, ...asked } = JSON.parse(stored) as Asked
      // Compared as hashes: how long it takes tells nothing about either.
      return asked.ceremony === ceremony && owner === sha256(holder) ? asked : undefined
    },
  }
}

function keyOf(challenge: string): string {
  return `accounts:passkey:${sha256(challenge)}`
}
