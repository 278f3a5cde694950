/**
 * Alerts: whoever must know is told once a matter, not a hundred times, by ways that are watched themselves. An attacker who makes noise
 * fills no channel, and silence is noticed: by the heartbeat, which stops.
 * Source: OWASP Logging Cheat Sheet, "Monitoring of events"; OWASP Top 10 A09:2025.
 */
import { randomToken } from '../../crypto/random.ts'
import type { Listener } from '../../engine/events.ts'
import { makeAlert, type Alert, type NewAlert } from './alert.ts'
import { forgetClaims } from './claims.ts'
import { startDelivery, type Attempted, type Delivery, type DeliverySetting } from './delivery.ts'
import { alertOf } from './events.ts'
import { startHeartbeat } from './heartbeat.ts'
import { createMatters } from './matters.ts'
import type { AlertSetting } from './options.ts'
import { health, TEST } from './own-alerts.ts'
import { createPutDown } from './put-down.ts'

export interface AlertsService {
  /** Raises an alert, or adds to the one of the same key. Never throws, never waits. */
  raise(alert: NewAlert): void
  /** Names and health of the channels. */
  status(): Promise<readonly ChannelStatus[]>
  /** Sends a test now, and says how it went. Throws RangeError for a channel that is none. */
  test(channel: string): Promise<Attempted>
  /** Sends what is due, and resolves when nothing is any more. */
  flush(): Promise<void>
}

export interface ChannelStatus {
  readonly name: string
  /** `webhook`, `mail`, … */
  readonly kind: string
  /** Whether it took none of the last ones. */
  readonly dead: boolean
  readonly waiting: number
  readonly failed: number
}

export interface Alerts extends AlertsService {
  /** For the bus. */
  readonly listener: Listener
  /** Forgets what was given up long ago. */
  sweep(now: number): Promise<number>
  stop(): Promise<void>
}

export interface AlertsSetting extends Omit<DeliverySetting, 'background' | 'onHealth'> {
  readonly alerts: AlertSetting
}

/** How long a claim is kept after its time: it may hold a count that nobody lived to report. */
const KEPT = 86_400_000

/** Starts the channels, without keeping the process alive. */
export function startAlerts(setting: AlertsSetting): Alerts {
  const { alerts, database, now, onFault } = setting
  const deliveries = new Map<string, Delivery>(
    [...alerts.channels].map(([name, { channel }]) => [
      name,
      startDelivery(name, channel, { ...setting, background: alerts.background, onHealth }),
    ]),
  )
  const putDown = createPutDown({ ...setting, deliveries, make })
  const matters = createMatters({ ...putDown, group: alerts.group, now, onFault })
  const heart = alerts.heartbeat && startHeartbeat(alerts.heartbeat, { ...putDown, now, onFault })

  function make(given: NewAlert): Alert {
    return makeAlert(given, randomToken(16), now())
  }

  function onHealth(channel: string, dead: boolean, why: string): void {
    matters.raise(health(channel, dead, why))
  }

  return {
    raise: matters.raise,
    listener(event) {
      const alert = alertOf(event)
      if (alert !== undefined) matters.raise(alert)
    },
    async status() {
      return await Promise.all(
        [...deliveries].map(async ([name, delivery]) => ({
          ...{ name, kind: alerts.channels.get(name)!.kind, dead: await delivery.isDead() },
          ...(await delivery.counts()),
        })),
      )
    },
    async test(channel) {
      const delivery = deliveries.get(channel)
      if (delivery === undefined) throw new RangeError(`There is no channel ${JSON.stringify(channel)}.`)
      return await delivery.attempt(make(TEST))
    },
    async flush() {
      // What a channel did not take becomes an alert in the others.
      for (let round = 0; round < 2; round++) {
        await heart?.settled()
        await matters.settled()
        for (const delivery of deliveries.values()) await delivery.flush()
      }
    },
    async sweep(at) {
      await forgetClaims(database, at - KEPT)
      const counts = await Promise.all([...deliveries.values()].map((delivery) => delivery.sweep(at)))
      return counts.reduce((sum, count) => sum + count, 0)
    },
    async stop() {
      await heart?.stop()
      await matters.settled()
      await matters.stop()
      await Promise.all([...deliveries.values()].map((delivery) => delivery.stop()))
    },
  }
}
