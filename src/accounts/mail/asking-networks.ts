/** How often one network may ask for letters of one kind, whoever for: it is told so, and nothing of it depends on who has an account. */
import { Client } from '../../engine/facts.ts'
import type { Emit } from '../../engine/events.ts'
import type { AtomicStore, Rate } from '../../store/atomic.ts'
import type { Origin } from '../types.ts'

interface Setting {
  readonly once: Pick<AtomicStore, 'take'>
  readonly emit: Emit
  readonly now: () => number
}

export interface NetworkRates {
  /** Of an IPv4 address or an IPv6 /64. */
  readonly network: Rate
  /** Of an IPv6 /48. */
  readonly site: Rate
}

/** How long to wait, in whole seconds; nothing while the network may ask. `prefix`: where this kind of letter is counted. */
export function networkAsks(
  { once, emit, now }: Setting,
  prefix: string,
  rates: NetworkRates,
): (door: string, from: Origin) => Promise<number | undefined> {
  return async (door, from) => {
    const site = from.site ?? from.exchange?.get(Client)?.site
    const buckets = [
      { key: `${prefix}:network:${from.network}`, rate: rates.network },
      ...(site === undefined ? [] : [{ key: `${prefix}:site:${site}`, rate: rates.site }]),
    ]
    for (const { key, rate } of buckets) {
      const { allowed, retryAfter } = await once.take(key, rate, now())
      if (allowed) continue
      emit({ type: 'authn_login_lock', data: { door, scope: 'network' } }, from.exchange)
      return Math.max(1, Math.ceil(retryAfter / 1000))
    }
    return undefined
  }
}
