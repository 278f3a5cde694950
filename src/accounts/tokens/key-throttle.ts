/**
 * How often a network may send keys that are wrong: 20 in 5 minutes from one address or /64, 100 from a /48, unless `limits` says
 * otherwise. A secret of 256 bits cannot be guessed; this ends the flood, and makes it seen.
 *
 * Nothing is counted, and nothing stored, while keys are right. After a failure this process takes the network for a suspect, and
 * from then on takes a unit before it looks, in the store that all processes share. A key that was right here lately is no guess: it
 * passes, so that one wrong key in an office does not shut out the others. Source: OWASP ASVS 5.0, 6.3.1 and 2.4.1.
 */
import { Client } from '../../engine/facts.ts'
import type { AtomicStore, Rate } from '../../store/atomic.ts'
import { createTally } from '../throttle/tally.ts'
import type { Limits } from '../throttle/throttle.ts'
import type { Origin } from '../types.ts'

/** `retryAfter`: whole seconds. */
export type Leave = { readonly ok: true } | { readonly ok: false; readonly retryAfter: number }

export interface KeyThrottle {
  /** Whether wrong keys came from there lately, and this one was not right lately. */
  suspects(from: Origin, hash: string, now: number): boolean
  /** Takes a unit of the network, and takes it for a suspect from now on. */
  take(from: Origin, now: number): Promise<Leave>
  /** The key was right. */
  giveBack(from: Origin, hash: string, now: number): Promise<void>
  /** The key was right, and nothing had been taken. */
  remember(hash: string, now: number): void
}

interface Setting {
  readonly once: AtomicStore
  readonly limits: Pick<Limits, 'network' | 'site'>
}

const MOST = 10_000
const RIGHT_FOR = 15 * 60_000
const PRUNE_EVERY = 1000

/** Makes the throttle. Its memory is bounded; when it is full of suspects, everybody is one. */
export function createKeyThrottle({ once, limits }: Setting): KeyThrottle {
  const tally = createTally(once)
  const suspectUntil = new Map<string, number>()
  const rightUntil = new Map<string, number>()
  let prunedAt = 0

  function bucketsOf(from: Origin): readonly { readonly key: string; readonly rate: Rate }[] {
    const site = from.site ?? from.exchange?.get(Client)?.site
    const network = { key: `accounts:fail:key:network:${from.network}`, rate: limits.network }
    return site === undefined ? [network] : [network, { key: `accounts:fail:key:site:${site}`, rate: limits.site }]
  }

  function suspect(network: string, now: number): void {
    if (suspectUntil.size >= MOST && now - prunedAt >= PRUNE_EVERY) prune(now)
    if (suspectUntil.size < MOST || suspectUntil.has(network)) suspectUntil.set(network, now + limits.network.period)
  }

  function prune(now: number): void {
    prunedAt = now
    for (const [name, until] of suspectUntil) if (until <= now) suspectUntil.delete(name)
  }

  return {
    suspects({ network }, hash, now) {
      if (suspectUntil.size === 0) return false
      const until = suspectUntil.get(network)
      if (until === undefined ? suspectUntil.size < MOST : until <= now) return false
      return (rightUntil.get(hash) ?? 0) <= now
    },

    async take(from, now) {
      suspect(from.network, now)
      const taken: { readonly key: string; readonly rate: Rate }[] = []
      for (const bucket of bucketsOf(from)) {
        const { ok, retryAfter } = await tally.take(bucket.key, bucket.rate, now)
        if (!ok) {
          for (const { key, rate } of taken) await tally.giveBack(key, rate, now)
          return { ok: false, retryAfter: Math.max(1, Math.ceil(retryAfter / 1000)) }
        }
        taken.push(bucket)
      }
      return { ok: true }
    },

    async giveBack(from, hash, now) {
      this.remember(hash, now)
      for (const { key, rate } of bucketsOf(from)) await tally.giveBack(key, rate, now)
    },

    remember(hash, now) {
      if (rightUntil.size >= MOST && !rightUntil.has(hash)) rightUntil.clear()
      rightUntil.set(hash, now + RIGHT_FOR)
    },
  }
}
