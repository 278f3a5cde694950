/**
 * How often letters of recovery may be asked for: per network, which is told so, and per person, which is not, so that nobody's mailbox is
 * flooded and nobody learns who has one. Counted apart from failures to sign in: asking locks nobody out.
 * Sources: OWASP Forgot Password Cheat Sheet; OWASP ASVS 5.0 6.3.1; L30, L81.
 */
import type { AtomicStore, Rate } from '../../store/atomic.ts'
import { Client } from '../../engine/facts.ts'
import type { Emit } from '../../engine/events.ts'
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

const NETWORK: Rate = { limit: 20, period: 300_000 }
const SITE: Rate = { limit: 100, period: 300_000 }
const PERSON: Rate = { limit: 3, period: 3_600_000 }

/** Makes the counter. `retryAfter`: whole seconds. */
export function admitAsking({ once, emit, now }: Setting): (door: string, from: Origin) => Promise<Asking> {
  return async (door, from) => {
    const site = from.site ?? from.exchange?.get(Client)?.site
    const buckets = [
      [`accounts:ask:network:${from.network}`, NETWORK] as const,
      ...(site === undefined ? [] : [[`accounts:ask:site:${site}`, SITE] as const]),
    ]
    for (const [key, rate] of buckets) {
      const { allowed, retryAfter } = await once.take(key, rate, now())
      if (allowed) continue
      emit({ type: 'authn_login_lock', data: { door, scope: 'network' } }, from.exchange)
      return { ok: false, retryAfter: Math.max(1, Math.ceil(retryAfter / 1000)) }
    }
    return {
      ok: true,
      letterTo: async (whom) => (await once.take(`accounts:ask:${door}:${whom}`, PERSON, now())).allowed,
    }
  }
}
