/**
 * How often letters of recovery may be asked for: per network, which is told so, and per person, which is not, so that nobody's mailbox is
 * flooded and nobody learns who has one. Counted apart from failures to sign in: asking locks nobody out.
 * Sources: OWASP Forgot Password Cheat Sheet; OWASP ASVS 5.0 6.3.1; L30, L81.
 */
import type { AtomicStore, Rate } from '../../store/atomic.ts'
import type { Emit } from '../../engine/events.ts'
import { networkAsks, type NetworkRates } from '../mail/asking-networks.ts'
import type { Origin } from '../types.ts'

type Asking =
  | {
      readonly ok: true
      /** Whether a letter to this person is not one too many. `whom`: the user's id, or of nobody the mark of what was typed. */
      letterTo(whom: string): Promise<boolean>
    }
  | { readonly ok: false; readonly retryAfter: number }

interface Setting {
  readonly once: Pick<AtomicStore, 'take'>
  readonly emit: Emit
  readonly now: () => number
}

const NETWORKS: NetworkRates = { network: { limit: 20, period: 300_000 }, site: { limit: 100, period: 300_000 } }
const PERSON: Rate = { limit: 3, period: 3_600_000 }

/** Makes the counter. `retryAfter`: whole seconds. */
export function admitAsking(setting: Setting): (door: string, from: Origin) => Promise<Asking> {
  const { once, now } = setting
  const waits = networkAsks(setting, 'accounts:ask', NETWORKS)
  return async (door, from) => {
    const retryAfter = await waits(door, from)
    if (retryAfter !== undefined) return { ok: false, retryAfter }
    return {
      ok: true,
      letterTo: async (whom) => (await once.take(`accounts:ask:${door}:${whom}`, PERSON, now())).allowed,
    }
  }
}
