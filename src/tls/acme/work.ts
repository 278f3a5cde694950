/** What one look does: pick up what another host renewed, and renew what is due, as the only host that does. */
import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { order, OrderFailed, type OrderSetting } from './order.ts'
import { certificateId, endsSoon } from './renewal.ts'
import type { Schedule } from './schedule.ts'
import type { Served } from './served.ts'

export type WorkSetting = Omit<OrderSetting, 'settle' | 'replaces'> & { readonly served: Served; readonly schedule: Schedule }

export interface Work {
  /** Picks up what others renewed, and renews what is due. Rejects when the storage cannot be read. */
  look(): Promise<void>
  /** Asks for a certificate, due or not. `false`: another process does just now. */
  obtain(): Promise<boolean>
}

/** The lock of who asks. */
export const ORDER = 'order'
/** Longer than any order takes: another host may try when this one died. */
const LOCKED_FOR = 10 * 60_000
/** Of the time between two looks: after it every host has looked once, also a slow one. */
const SEEN_AFTER = 1.2

export function createWork({ served, schedule, ...parts }: WorkSetting): Work {
  const { setting, challenges, sealed } = parts
  const { storage, names, now, report, every } = setting
  const owner = randomBytes(12).toString('hex')

  /** One host asks. Who comes later finds what the first has stored. Says whether the lock was free. */
  async function underLock(act: () => Promise<void>): Promise<boolean> {
    if (!(await storage.reserve(ORDER, owner, LOCKED_FOR, now()))) return false
    try {
      await served.pickUp()
      await act()
      return true
    } finally {
      await storage.release(ORDER, owner)
    }
  }

  async function obtain(): Promise<void> {
    const current = served.current()
    const replaces = current !== undefined && served.coversAll() ? certificateId(current.cert) : undefined
    const settle = async () => void (storage.shared && (await pause(every * SEEN_AFTER)))
    const pair = await order({ ...parts, settle, replaces })
    await served.replace(pair)
    const { directory } = setting
    const why = (await schedule.known())?.explanation
    const replaced = { replaces: replaces !== undefined, ...(why !== undefined && { explanation: why }) }
    const data = { names, expires: instant(pair.expires), directory, ...replaced }
    report({ type: 'tls_certificate_obtained', data })
    await served.pickUp()
  }

  async function attempt(): Promise<void> {
    try {
      await obtain()
    } catch (error) {
      const state = await schedule.putOff(error instanceof OrderFailed ? error.retryAfter : undefined)
      const current = served.current()
      const critical = current === undefined || endsSoon(current, now())
      const data = { names, reason: (error as Error).message, next: instant(state.notBefore), failures: state.failures }
      report({ type: 'tls_renewal_failed', ...(critical && { level: 'critical' }), data })
    }
  }

  return {
    async look() {
      await served.pickUp()
      // Also what is read only for the next order, months from now: by then the older key may be gone.
      if (await sealed.isOlder()) await underLock(() => sealed.renew())
      if (storage.shared) await challenges.look()
      if (schedule.isDue(await schedule.plan()))
        await underLock(async () => void (schedule.isDue(await schedule.plan()) && (await attempt())))
      served.warn()
    },
    obtain: () => underLock(obtain),
  }
}

function instant(time: number): string {
  return new Date(time).toISOString()
}
