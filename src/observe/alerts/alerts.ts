/**
 * Alerts: whoever must know is told once a matter, not a hundred times, by ways that are watched themselves. An attacker who makes noise
 * fills no channel, and silence is noticed: by the heartbeat, which stops.
 * Source: OWASP Logging Cheat Sheet, "Monitoring of events"; OWASP Top 10 A09:2025.
 */
import { randomToken } from '../../crypto/random.ts'
import type { Listener } from '../../engine/events.ts'
import type { AtomicStore } from '../../store/atomic.ts'
import { makeAlert, type Alert, type NewAlert } from './alert.ts'
import { startDelivery, type Attempted, type Delivery, type DeliverySetting } from './delivery.ts'
import { alertOf } from './events.ts'
import { createMatters } from './matters.ts'
import type { AlertSetting } from './options.ts'

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
  readonly once: AtomicStore
}

const FLOOD_PERIOD = 600_000

/** Starts the channels, without keeping the process alive. */
export function startAlerts(setting: AlertsSetting): Alerts {
  const { alerts, once, now, onFault, emit } = setting
  const deliveries = new Map<string, Delivery>(
    [...alerts.channels].map(([name, { channel }]) => [
      name,
      startDelivery(name, channel, { ...setting, background: alerts.background, onHealth }),
    ]),
  )
  const matters = createMatters({ once, group: alerts.group, now, onFault, send: (given) => send(make(given)) })
  let beating = alerts.heartbeat && pulse()
  const beat = alerts.heartbeat && setInterval(() => void (beating = pulse()), alerts.heartbeat.every)
  beat?.unref()

  function make(given: NewAlert): Alert {
    return makeAlert(given, randomToken(16), now())
  }

  async function send(alert: Alert): Promise<void> {
    for (const { channel, at } of alerts.route(alert)) {
      // A channel that is dead is not told that it is.
      if (alert.kind === 'channel' && alert.facts['channel'] === channel) continue
      if (await isFull(channel)) await hold(channel, alert)
      else await deliveries.get(channel)!.deliver(alert, at)
    }
  }

  async function isFull(channel: string): Promise<boolean> {
    try {
      return !(await once.take(`alerts:full:${channel}`, { limit: alerts.most, period: FLOOD_PERIOD }, now())).allowed
    } catch (error) {
      onFault(error)
      return false
    }
  }

  /** It stands in the log; the channel hears once that it is so. */
  async function hold(channel: string, { key, severity }: Alert): Promise<void> {
    emit({ type: 'alert_held', data: { channel, key, severity } })
    const first = await once.incrementIf(`alerts:told-full:${channel}`, 1, FLOOD_PERIOD, now())
    if (first.ok) await deliveries.get(channel)!.deliver(make(full(channel)), now())
  }

  function onHealth(channel: string, dead: boolean, why: string): void {
    matters.raise(health(channel, dead, why))
  }

  /** Of many processes one says it: silence means that none is left. */
  async function pulse(): Promise<void> {
    const { every, channels } = alerts.heartbeat!
    const alert = make({ ...HEARTBEAT, text: `This is said every ${Math.round(every / 60_000)} minutes. Worry when it is not.` })
    try {
      const turn = await once.incrementIf(`alerts:heartbeat:${Math.floor(now() / every)}`, 1, every * 2, now())
      if (turn.ok) for (const channel of channels) await deliveries.get(channel)!.deliver(alert, now())
    } catch (error) {
      onFault(error)
    }
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
          ...{ name, kind: alerts.channels.get(name)!.kind, dead: delivery.dead },
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
        await beating
        await matters.settled()
        for (const delivery of deliveries.values()) await delivery.flush()
      }
    },
    async sweep(at) {
      const counts = await Promise.all([...deliveries.values()].map((delivery) => delivery.sweep(at)))
      return counts.reduce((sum, count) => sum + count, 0)
    },
    async stop() {
      clearInterval(beat)
      matters.stop()
      await beating
      await matters.settled()
      await Promise.all([...deliveries.values()].map((delivery) => delivery.stop()))
    },
  }
}

const HEARTBEAT = {
  ...({ key: 'heartbeat', kind: 'heartbeat', state: 'open', severity: 'low' } as const),
  title: 'Holdfast is watching',
}

/** What is sent to try a channel. */
export const TEST: NewAlert = {
  ...{ key: 'test', kind: 'test', state: 'open', severity: 'low' },
  title: 'A test: this channel works',
  text: 'Somebody asked for this test. Nothing happened.',
}

function full(channel: string): NewAlert {
  return {
    ...{ key: `full:${channel}`, kind: 'channel', state: 'open', severity: 'high' },
    title: 'There are more alerts than this channel takes',
    text: 'Further ones of the next ten minutes stand in the log and among the incidents alone.',
  }
}

function health(channel: string, dead: boolean, why: string): NewAlert {
  return {
    ...{ key: `channel:${channel}`, kind: 'channel', severity: 'high', facts: { channel, why: why || undefined } },
    state: dead ? 'open' : 'resolved',
    title: dead ? `Alerts do not reach ${channel}` : `Alerts reach ${channel} again`,
    text: dead ? `The channel ${channel} took none of the last alerts. ${why}` : 'What waited was sent.',
  }
}
