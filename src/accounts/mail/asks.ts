/**
 * How often letters may be asked for: per network, which is told so, and per address, which is not: the asker sees the same, and the
 * mailbox is left in peace. Nothing of it depends on whether the address has an account.
 * Sources: OWASP Forgot Password Cheat Sheet ("protect against automated submissions"); OWASP ASVS 5.0 6.3.1, 6.3.8.
 */
import type { Emit } from '../../engine/events.ts'
import type { AtomicStore, Rate } from '../../store/atomic.ts'
import { networkAsks, type NetworkRates } from './asking-networks.ts'
import type { Origin } from '../types.ts'

/** `letter`: whether one may go to the address. `retryAfter`: whole seconds. */
export type Asking = { readonly ok: true; readonly letter: boolean } | { readonly ok: false; readonly retryAfter: number }

export interface Asks {
  /** Counts an ask of a stranger, or of somebody who is signed in. `mark`: the keyed hash of the address. */
  admit(door: string, mark: string, from: Origin): Promise<Asking>
  /** Counts a letter that a known person has sent to an address. */
  admitFrom(door: string, mark: string, actor: string): Promise<boolean>
}

interface Setting {
  readonly once: Pick<AtomicStore, 'take'>
  readonly emit: Emit
  readonly now: () => number
}

const HOUR = 3_600_000

/** A mailbox with three letters of us an hour is not flooded; an office behind one address may well have 30 newcomers. */
const ADDRESS: Rate = { limit: 3, period: HOUR }
const NETWORKS: NetworkRates = { network: { limit: 30, period: HOUR }, site: { limit: 100, period: HOUR } }
const ACTOR: Rate = { limit: 200, period: 24 * HOUR }

/** Makes the counter. The counts lie in the store that never forgets. */
export function createAsks(setting: Setting): Asks {
  const { once, emit, now } = setting
  const waits = networkAsks(setting, 'accounts:letters', NETWORKS)

  /** All doors of newcomers together: what floods a mailbox is their sum. */
  async function mayWrite(door: string, mark: string, from?: Origin): Promise<boolean> {
    const { allowed } = await once.take(`accounts:letters:address:${mark}`, ADDRESS, now())
    if (!allowed) emit({ type: 'authn_letter_held', data: { door, login: mark } }, from?.exchange)
    return allowed
  }

  return {
    async admit(door, mark, from) {
      const retryAfter = await waits(door, from)
      if (retryAfter !== undefined) return { ok: false, retryAfter }
      return { ok: true, letter: await mayWrite(door, mark, from) }
    },

    async admitFrom(door, mark, actor) {
      const { allowed } = await once.take(`accounts:letters:actor:${actor}`, ACTOR, now())
      return allowed && (await mayWrite(door, mark))
    },
  }
}
