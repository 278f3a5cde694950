/**
 * Challenges that a device signs: made without a store, good for five minutes, for one session and one purpose, and used up by the first
 * who brings one back. Source: W3C, Device Bound Session Credentials, "Secure-Session-Challenge"; L19, L20.
 */
import { sha256 } from '../../crypto/hash.ts'
import type { Setting } from '../../engine/control.ts'

export interface Challenges {
  /** `about`: what it is for, and of which session. */
  make(about: string, now: number): string
  /** Whether it is one of ours, about this, in time, and was not used before. */
  spend(challenge: string, about: string, now: number): Promise<boolean>
}

const PURPOSE = 'session/challenge'
const LIFE = 300_000

export function createChallenges({ keys, once, random }: Pick<Setting<unknown>, 'keys' | 'once' | 'random'>): Challenges {
  return {
    make(about, now) {
      const rest = `${(now + LIFE).toString(36)}.${random(16)}`
      return `${rest}.${keys.sign(PURPOSE, [about, rest])}`
    },

    async spend(challenge, about, now) {
      const [until = '', chance = '', ...mac] = challenge.split('.')
      const rest = `${until}.${chance}`
      if (!keys.verify(PURPOSE, [about, rest], mac.join('.')).ok) return false
      const ends = Number.parseInt(until, 36)
      if (!(now < ends)) return false
      // Nobody owns what is used up: whoever reserved it first was the one.
      return await once.compareAndSwap(`session:challenge:${sha256(challenge)}`, undefined, 'used', LIFE, now)
    },
  }
}
