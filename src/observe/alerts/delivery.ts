/**
 * How an alert reaches a channel: through the outbox, so that a peer that is down loses none; and straight away where the database is
 * what was lost, for then nobody else would hear of it. A channel that does not take them for a while is said in all others.
 */
import type { Database } from '../../store/database.ts'
import type { Emit } from '../../engine/events.ts'
import type { Outbox } from '../../store/outbox.ts'
import { outboxRows, type OutboxCounts, type OutboxRow } from '../../store/outbox-rows.ts'
import { startOutboxWorker, type Retrying } from '../../store/outbox-worker.ts'
import type { Alert } from './alert.ts'
import { AlertError, type AlertChannel } from './channel.ts'

export interface DeliverySetting {
  readonly database: Database
  readonly outbox: Outbox
  readonly emit: Emit
  readonly onFault: (error: unknown) => void
  readonly now: () => number
  readonly background: boolean
  /** Told once when a channel is dead, and once when it is back. */
  readonly onHealth: (channel: string, dead: boolean, why: string) => void
}

/** Whether it left. */
export type Attempted = { readonly ok: true } | { readonly ok: false; readonly reason: string }

export interface Delivery {
  /** Not before `at`. Resolves when it is put down, or when it left, where it could not be put down. */
  deliver(alert: Alert, at: number): Promise<void>
  /** Sends now, around the outbox, and says how it went: for the test of a channel. */
  attempt(alert: Alert): Promise<Attempted>
  /** Whether it took what it was given last. */
  readonly dead: boolean
  counts(): Promise<OutboxCounts>
  flush(): Promise<void>
  sweep(now: number): Promise<number>
  stop(): Promise<void>
}

/** Five seconds, ten, …, ten minutes; a day in all: an alert that is older helps nobody. */
const RETRYING: Retrying = { first: 5000, longest: 600_000, attempts: 200, age: 86_400_000 }
const PATIENCE = 30_000
const GRACE = 5000
const KEPT = 7 * 86_400_000
/** Failures in a row after which a channel is called dead: the first may be a connection that was lost. */
const DEAD_AFTER = 3

export const alertChannel = (name: string) => `alert/${name}`

/** Begins to send to one channel. */
export function startDelivery(name: string, channel: AlertChannel, setting: DeliverySetting): Delivery {
  const { database, outbox, emit, onFault, now, background, onHealth } = setting
  const rows = outboxRows(database, alertChannel(name))
  let failures = 0
  let last = 0

  function failed(why: string): void {
    failures++
    if (failures !== DEAD_AFTER) return
    emit({ type: 'alert_channel_lost', data: { channel: name, why } })
    onHealth(name, true, why)
  }

  function succeeded(): void {
    const was = failures
    failures = 0
    if (was < DEAD_AFTER) return
    emit({ type: 'alert_channel_back', data: { channel: name } })
    onHealth(name, false, '')
  }

  const worker = startOutboxWorker({
    rows,
    send: async (row, signal) => await channel.send(read(outbox, row), signal),
    isFinal: (error) => error instanceof AlertError && error.permanent,
    describe,
    told: {
      sent(row) {
        emit({ type: 'alert_sent', data: { channel: name, id: row.id } })
        succeeded()
      },
      failed(row, why, dueAt) {
        emit({ type: 'alert_failed', data: { channel: name, id: row.id, why, again: new Date(dueAt).toISOString() } })
        failed(why)
      },
      givenUp(row, why) {
        emit({ type: 'alert_failed', level: 'critical', data: { channel: name, id: row.id, why } })
        failures = Math.max(failures, DEAD_AFTER - 1)
        failed(why)
      },
    },
    onFault,
    ...{ now, background, parallel: 1, patience: PATIENCE, grace: GRACE, retrying: RETRYING },
  })

  async function attempt(alert: Alert): Promise<Attempted> {
    try {
      await channel.send(alert, AbortSignal.timeout(PATIENCE))
    } catch (error) {
      emit({ type: 'alert_failed', data: { channel: name, why: describe(error) } })
      return { ok: false, reason: describe(error) }
    }
    emit({ type: 'alert_sent', data: { channel: name } })
    return { ok: true }
  }

  return {
    attempt,
    get dead() {
      return failures >= DEAD_AFTER
    },
    async deliver(alert, at) {
      // Of one moment, too, they leave in the order in which they came: what is over must not overtake what began.
      const due = at > now() ? at : (last = Math.max(at, last + 1))
      try {
        await database.transaction((tx) => outbox.add(tx, alertChannel(name), JSON.stringify(alert), due))
      } catch (error) {
        onFault(error)
        await attempt(alert)
        return
      }
      worker.nudge()
    },
    counts: () => rows.counts(),
    flush: worker.flush,
    sweep: (at) => rows.forget(at - KEPT),
    stop: worker.stop,
  }
}

function read(outbox: Outbox, row: OutboxRow): Alert {
  const body = outbox.open(row)
  if (body === undefined) throw new AlertError('No key of the ring opens the alert.')
  return JSON.parse(body) as Alert
}

function describe(error: unknown): string {
  return error instanceof AlertError ? error.message : 'The channel failed.'
}
