/**
 * Challenges of work: made with a MAC over what they are for (page, host, network, difficulty, time), so that nothing is stored before one
 * is used up; then taken once. What was solved for another page, network or site, in advance, or before, is nothing.
 * Who runs no script may wait a minute in its place, one form a minute for a network, so that no page is a dead end.
 * Sources: OWASP Credential Stuffing Prevention Cheat Sheet; lessons L30, L92, L107; attack A182.
 */
import { isSolution } from '../../crypto/proof-of-work.ts'
import type { Setting } from '../../engine/control.ts'

/** What it is bound to. */
export interface Bound {
  /** The path of the page. */
  readonly action: string
  /** Key of the client's network. */
  readonly network: string
}

export interface Challenge {
  readonly challenge: string
  readonly bits: number
}

/** Why not stands in the log. */
export type Solved = { readonly ok: true; readonly waited: boolean } | { readonly ok: false; readonly reason: ChallengeRefusal }
export type ChallengeRefusal = 'missing' | 'malformed' | 'not-ours' | 'too-old' | 'unsolved' | 'used'

export interface Challenges {
  issue(bound: Bound, bits: number): Challenge
  /** Takes a challenge with its solution; `bits`: what is asked for now at the least. */
  take(bound: Bound, given: { readonly challenge: string; readonly solution: string }, bits: number): Promise<Solved>
}

/** How long one without script waits, in milliseconds. */
export const WAIT = 60_000
/** People type slowly, and the work is done while they do. */
const LIFE = 300_000
const PURPOSE = 'sign-in/challenge'
const FORM =
  /^(?<bits>\d{1,2})\.(?<issued>[0-9a-z]{1,11})\.(?<nonce>[A-Za-z0-9_-]{22})\.(?<mac>[A-Za-z0-9_-]{1,32}\.[A-Za-z0-9_-]{43})$/

export function createChallenges({
  keys,
  once,
  site,
  random,
  now,
}: Pick<Setting<unknown>, 'keys' | 'once' | 'site' | 'random' | 'now'>): Challenges {
  const signed = ({ action, network }: Bound, bits: string, issued: string, nonce: string) => [
    ...[action, network, site.origin],
    ...[bits, issued, nonce],
  ]

  /** Of many with the same challenge one is let through (L30). */
  async function isFirst(nonce: string): Promise<boolean> {
    return (await once.incrementIf(`challenge:${nonce}`, 1, LIFE, now())).ok
  }

  async function mayWaitInstead({ network }: Bound, age: number): Promise<boolean> {
    if (age < WAIT) return false
    return (await once.take(`challenge:waited:${network}`, { limit: 1, period: WAIT }, now())).allowed
  }

  return {
    issue(bound, bits) {
      const [issued, nonce] = [now().toString(36), random(16)]
      const mac = keys.sign(PURPOSE, signed(bound, String(bits), issued, nonce))
      return { challenge: `${bits}.${issued}.${nonce}.${mac}`, bits }
    },

    async take(bound, { challenge, solution }, asked) {
      if (challenge === '') return { ok: false, reason: 'missing' }
      const parts = FORM.exec(challenge)?.groups
      if (parts === undefined) return { ok: false, reason: 'malformed' }
      const [bits, issued, nonce, mac] = [parts['bits']!, parts['issued']!, parts['nonce']!, parts['mac']!]
      if (!keys.verify(PURPOSE, signed(bound, bits, issued, nonce), mac).ok) return { ok: false, reason: 'not-ours' }
      const age = now() - parseInt(issued, 36)
      if (age < 0 || age > LIFE) return { ok: false, reason: 'too-old' }
      const waited = solution === ''
      // One that became too easy meanwhile is taken with one bit less than is asked for now, so that a page that is open goes on working.
      const done = waited
        ? await mayWaitInstead(bound, age)
        : Number(bits) >= asked - 1 && isSolution(challenge, solution, Number(bits))
      if (!done) return { ok: false, reason: 'unsolved' }
      return (await isFirst(nonce)) ? { ok: true, waited } : { ok: false, reason: 'used' }
    },
  }
}
