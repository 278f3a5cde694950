/**
 * Puts alerts down for their channels, in the transaction that says whose they are: so many in a while and no more, what waits for the morning
 * once a matter; and straight to the channels where nothing can be put down.
 */
import type { Emit } from '../../engine/events.ts'
import type { Alert, NewAlert } from './alert.ts'
import { claim, countUp, endClaim, type ClaimsDatabase, type ClaimsTransaction } from './claims.ts'
import type { Delivery } from './delivery.ts'
import type { AlertSetting } from './options.ts'
import type { Destination } from './routes.ts'
import { full } from './own-alerts.ts'

type Put = (given: NewAlert) => Promise<void>

export interface PutDown {
  /** One transaction; what it put down leaves after the commit. */
  inOne<T>(work: (tx: ClaimsTransaction, put: Put) => Promise<T>): Promise<T>
  /** Past the database: each channel once, and not again. */
  around(given: NewAlert): Promise<void>
  /** To these channels, whatever the routes say. */
  to(tx: ClaimsTransaction, given: NewAlert, channels: readonly string[]): Promise<() => void>
}

interface Setting {
  readonly database: ClaimsDatabase
  readonly alerts: Pick<AlertSetting, 'route' | 'most'>
  readonly deliveries: ReadonlyMap<string, Pick<Delivery, 'put' | 'nudge' | 'attempt'>>
  readonly make: (given: NewAlert) => Alert
  readonly emit: Emit
  readonly now: () => number
}

const FLOOD_PERIOD = 600_000

export function createPutDown({ database, alerts, deliveries, make, emit, now }: Setting): PutDown {
  /** In one order for all, or two that wait for each other's rows would wait for ever. */
  function destinationsOf(alert: Alert): readonly Destination[] {
    return (
      alerts
        .route(alert)
        // A channel that is dead is not told that it is.
        .filter(({ channel }) => alert.kind !== 'channel' || alert.facts['channel'] !== channel)
        .toSorted((one, other) => (one.channel < other.channel ? -1 : 1))
    )
  }

  async function putOne(tx: ClaimsTransaction, alert: Alert, { channel, at }: Destination): Promise<() => void> {
    if (at > alert.time && !(await isNewThatNight(tx, alert, { channel, at }))) return nothing
    const delivery = deliveries.get(channel)!
    const count = await countUp(tx, `most:${channel}`, { until: now() + FLOOD_PERIOD, now: now() })
    if (count <= alerts.most) await delivery.put(tx, alert, at)
    // The first one too many is said; all of them stand in the log.
    else if (count === alerts.most + 1) await delivery.put(tx, make(full(channel)), now())
    return () => {
      if (count > alerts.most) emit({ type: 'alert_held', data: { channel, key: alert.key, severity: alert.severity } })
      delivery.nudge()
    }
  }

  /** What comes within quiet hours waits once a matter: that it began, and that it was over. */
  async function isNewThatNight(
    tx: ClaimsTransaction,
    { key, severity, state }: Alert,
    { channel, at }: Destination,
  ): Promise<boolean> {
    const name = (over: boolean) => `quiet:${channel}:${over ? 'over' : severity}:${key}`
    const isOver = state === 'resolved'
    // What began again after it was over, or is over again, is news.
    await endClaim(tx, name(!isOver))
    return await claim(tx, name(isOver), { until: at, now: now() })
  }

  return {
    async inOne(work) {
      const after: (() => void)[] = []
      const result = await database.transaction((tx) =>
        work(tx, async (given) => {
          const alert = make(given)
          for (const destination of destinationsOf(alert)) after.push(await putOne(tx, alert, destination))
        }),
      )
      for (const leave of after) leave()
      return result
    },

    async around(given) {
      const alert = make(given)
      for (const { channel } of destinationsOf(alert)) await deliveries.get(channel)!.attempt(alert)
    },

    async to(tx, given, channels) {
      const alert = make(given)
      for (const channel of channels) await deliveries.get(channel)!.put(tx, alert, now())
      return () => {
        for (const channel of channels) deliveries.get(channel)!.nudge()
      }
    },
  }
}

const nothing = (): void => {}
