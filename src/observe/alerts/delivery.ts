/**
 * How an alert reaches a channel: through the outbox, so that a peer that is down loses none; and straight away where the database is
 * what was lost, for then nobody else would hear of it. A channel that does not take them for a while is said in all others.
 */
import type { Transaction } from 'kysely'
import type { Database } from '../../store/database.ts'
import type { Emit } from '../../engine/events.ts'
import type { Outbox } from '../../store/outbox.ts'
import { outboxRows, type OutboxCounts, type OutboxRow } from '../../store/outbox-rows.ts'
import { startOutboxWorker, type Retrying } from '../../store/outbox-worker.ts'
import type { Alert } from './alert.ts'
import { AlertError, type AlertChannel } from './channel.ts'
import { createHealth } from './health.ts'

export interface DeliverySetting {
  readonly database: Database
  readonly outbox: Outbox
  readonly emit: Emit
  readonly onFault: (error: unknown) => void
  readonly now: () => number
  readonly background: boolean
  /** Told once, by one process, when a channel is dead, and once when it is back. */
  readonly onHealth: (channel: string, dead: boolean, why: string) => void
}

/** Whether it left. */
export type Attempted = { readonly ok: true } | { readonly ok: false; readonly reason: string }

export interface Delivery {
  /** Puts it down in this transaction, to leave after the commit and not before `at`. */
  put(tx: Transaction<any>, alert: Alert, at: number): Promise<void>
  /** Looks at what was put down; returns at once. */
  nudge(): void
  /** Sends now, around the outbox, and says how it went: for the test of a channel, and without a database. */
  attempt(alert: Alert): Promise<Attempted>
  /** Whether it took none of the last ones. */
  isDead(): Promise<boolean>
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

export const alertChannel = (name: string) => `alert/${name}`

/** Begins to send to one channel. */
export function startDelivery(name: string, channel: AlertChannel, setting: DeliverySetting): Delivery {
  const { database, outbox, emit, onFault, now, background } = setting
  const rows = outboxRows(database, alertChannel(name))
  const health = createHealth(name, setting)

  const worker = startOutboxWorker({
    rows,
    send: async (row, signal) => await channel.send(read(outbox, row), signal),
    isFinal: (error) => error instanceof AlertError && error.permanent,
    describe,
    told: {
      sent(row) {
        emit({ type: 'alert_sent', data: { channel: name, id: row.id } })
        health.succeeded()
      },
      failed(row, why, dueAt) {
        emit({ type: 'alert_failed', data: { channel: name, id: row.id, why, again: new Date(dueAt).toISOString() } })
        health.failed(why, false)
      },
      givenUp(row, why) {
        emit({ type: 'alert_failed', level: 'critical', data: { channel: name, id: row.id, why } })
        health.failed(why, true)
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
    isDead: health.isDead,
    async put(tx, alert, at) {
      // What is over must not overtake what began, whichever process sends the one and the other.
      await outbox.add(tx, alertChannel(name), JSON.stringify(alert), { at, line: alert.key })
    },
    nudge: worker.nudge,
    counts: () => rows.counts(),
    async flush() {
      await worker.flush()
      await health.settled()
    },
    sweep: (at) => rows.forget(at - KEPT),
    async stop() {
      await worker.stop()
      await health.settled()
    },
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
