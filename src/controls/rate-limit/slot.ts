/** What the rate-limit control offers to later controls and to the application. */
import type { Verdict } from '../../engine/control.ts'
import { slot, type Exchange } from '../../engine/exchange.ts'

export interface Limits {
  /**
   * Takes what is counted by user, or by API key: the limit `principal`, or the key's own, and the route's own if it is `per: 'principal'`. To be called once, when
   * the principal is known. Returns a refusal (429), or nothing.
   */
  principal(x: Exchange): Verdict | Promise<Verdict>
  /** Takes once from the limit of that name, wherever a handler wants to count. Throws HF_OPTION_INVALID for a name not configured. */
  take(name: string, x: Exchange): Verdict | Promise<Verdict>
}

export const Limits = slot<Limits>('limits')
