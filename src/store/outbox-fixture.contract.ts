/** What the contracts of the outbox share: an outbox, its rows, and workers as several processes have them. */
import { generateKey, parseKeyring } from '../crypto/keyring.ts'
import { randomToken } from '../crypto/random.ts'
import type { Database } from './database.ts'
import { migrate } from './migrate.ts'
import { createOutbox, outboxMigrations } from './outbox.ts'
import { outboxRows, type OutboxRow } from './outbox-rows.ts'
import { RETRYING, startOutboxWorker, type OutboxWorker, type OutboxWorkerSetting } from './outbox-worker.ts'

export interface OpenedOutbox {
  readonly database: Database
  /** The same database, as another process has it. */
  readonly again?: () => Database
  close(): Promise<void>
}

export const CHANNEL = 'mail'
export const START = 1_792_000_000_000
export const MINUTE = 60_000
export const DAY = 86_400_000

/** Opens one. `closing`: what is to be closed, the last first. */
export async function openOutbox(open: () => Promise<OpenedOutbox>, closing: (() => Promise<void>)[]) {
  const { database, again, close } = await open()
  closing.push(close)
  await migrate(database, outboxMigrations)
  const clock = { now: START }
  const keys = parseKeyring(generateKey())
  const outbox = createOutbox({ database, keys, random: randomToken, now: () => clock.now })
  const rows = outboxRows(database, CHANNEL)
  const sent: string[] = []
  const told: string[] = []
  const faults: unknown[] = []

  /** A worker as a process has it; `other` on a connection of its own. */
  function worker(setting: Partial<OutboxWorkerSetting> = {}, other = false): OutboxWorker {
    const own = other && again ? again() : database
    if (own !== database) closing.push(() => own.close())
    const made = startOutboxWorker({
      rows: outboxRows(own, CHANNEL),
      send: async (row) => void sent.push(outbox.open(row)!),
      isFinal: (error) => error instanceof RangeError,
      describe: (error) => (error as Error).message,
      told: {
        sent: () => void told.push('sent'),
        failed: (_row, why, dueAt) => void told.push(`failed: ${why}, again in ${(dueAt - clock.now) / 1000} s`),
        givenUp: (_row, why) => void told.push(`given up: ${why}`),
      },
      onFault: (error) => void faults.push(error),
      now: () => clock.now,
      ...{ background: true, parallel: 1, patience: DAY, grace: DAY, retrying: RETRYING },
      ...setting,
    })
    closing.push(() => made.stop())
    return made
  }

  const add = (body: string, channel = CHANNEL) => database.transaction((tx) => outbox.add(tx, channel, body))
  const stored = () => database.kysely.selectFrom('hf_outbox').selectAll().orderBy('created_at').execute() as Promise<OutboxRow[]>
  return { database, again, clock, keys, outbox, rows, sent, told, faults, worker, add, stored }
}
