/**
 * Sends what stands in the outbox, outside of every request: at once when a transaction that put something down is over, and regularly
 * for what was left. What fails is tried again, later each time, and given up in the end. A process that dies between sending and
 * deleting sends twice: at least once is what can be promised, exactly once is not.
 */
import type { Database } from './database.ts'
import type { Outbox } from './outbox.ts'
import type { OutboxRow, OutboxRows } from './outbox-rows.ts'

/** When it is tried again, and when no more. Milliseconds. */
export interface Retrying {
  /** Before the second attempt; doubled each time. */
  readonly first: number
  /** The longest pause. */
  readonly longest: number
  readonly attempts: number
  /** The age at which a failure is the last. */
  readonly age: number
}

/** Thirty seconds, a minute, two …, an hour; three days in all, in which a mail server is back (RFC 5321 section 4.5.4.1). */
export const RETRYING: Retrying = { first: 30_000, longest: 3_600_000, attempts: 80, age: 3 * 86_400_000 }

export interface OutboxWorkerSetting {
  readonly rows: OutboxRows
  /** Sends one thing. Rejects when it did not leave. After `signal` nobody waits any longer. */
  send(row: OutboxRow, signal: AbortSignal): Promise<void>
  /** Whether another attempt is of no use. */
  isFinal(error: unknown): boolean
  /** Why it failed, in words that may be stored and shown. */
  describe(error: unknown): string
  readonly told: {
    sent(row: OutboxRow): void
    /** Tried again at `dueAt`. */
    failed(row: OutboxRow, why: string, dueAt: number): void
    givenUp(row: OutboxRow, why: string): void
  }
  /** The database did not do as it was told. */
  onFault(error: unknown): void
  readonly now: () => number
  /** Whether it looks by itself; otherwise only `flush` sends. */
  readonly background: boolean
  /** How many at a time. */
  readonly parallel: number
  /** How long one may take, in milliseconds of the real clock: after that it failed. */
  readonly patience: number
  /** How long those under way may take when the process ends. */
  readonly grace: number
  readonly retrying: Retrying
}

export interface OutboxWorker {
  /** Looks now; returns at once. */
  nudge(): void
  /** Resolves when nothing is due any more. */
  flush(): Promise<void>
  /** Begins no further one, and resolves when those under way have ended, or have had their time. */
  stop(): Promise<void>
}

const LOOK_EVERY = 15_000

/** Makes it and starts looking, without keeping the process alive. */
export function startOutboxWorker(setting: OutboxWorkerSetting): OutboxWorker {
  const { rows, onFault, now, parallel, patience, grace } = setting
  const lease = patience * 2 // Longer than any attempt, so that nobody else takes what is under way.
  let running: Promise<void> | undefined
  let again = false
  let stopped = false
  const leaving = new AbortController()

  async function lane(): Promise<void> {
    while (!stopped) {
      const row = await rows.claim(now(), lease)
      if (row === undefined) return
      await attempt(setting, row, leaving.signal)
    }
  }

  async function pass(): Promise<void> {
    do {
      again = false
      const lanes = await Promise.allSettled(Array.from({ length: parallel }, lane))
      for (const one of lanes) if (one.status === 'rejected') onFault(one.reason)
    } while (again && !stopped)
    running = undefined // In the same step as the look at `again`: a nudge in between would be lost.
  }

  function look(): void {
    again = true
    if (running !== undefined || stopped) return
    running = pass()
  }

  async function flush(): Promise<void> {
    look()
    while (running !== undefined) await running
  }

  const nudge = setting.background ? look : () => {}
  const timer = setInterval(nudge, LOOK_EVERY)
  timer.unref()

  return {
    nudge,
    flush,
    async stop() {
      stopped = true
      clearInterval(timer)
      const last = setTimeout(() => leaving.abort(), grace)
      await running
      clearTimeout(last)
    },
  }
}

async function attempt(setting: OutboxWorkerSetting, row: OutboxRow, leaving: AbortSignal): Promise<void> {
  const { rows, send, told, now, patience, retrying } = setting
  try {
    await within(patience, leaving, (signal) => send(row, signal))
  } catch (error) {
    const why = setting.describe(error)
    const at = now()
    if (setting.isFinal(error) || row.attempts >= retrying.attempts || at - row.created_at >= retrying.age) {
      await rows.giveUp(row, at, why)
      return told.givenUp(row, why)
    }
    const dueAt = at + Math.min(retrying.first * 2 ** (row.attempts - 1), retrying.longest)
    await rows.postpone(row, dueAt, why)
    return told.failed(row, why, dueAt)
  }
  await rows.sent(row.id)
  told.sent(row)
}

/** What ignores the signal is not waited for either; what it still does is then done a second time. */
async function within(patience: number, leaving: AbortSignal, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), patience)
  const signal = AbortSignal.any([late.signal, leaving])
  const { promise, reject } = Promise.withResolvers<never>()
  signal.addEventListener('abort', () => reject(new Error('It took too long.')), { once: true })
  if (signal.aborted) reject(new Error('It took too long.'))
  try {
    await Promise.race([work(signal), promise])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * The same database, which calls `then` after each transaction in which something was put into the outbox. Of transactions that run
 * at the same time one may call it for another: it is called once too often, never too late.
 */
export function afterEachAdd(database: Database, outbox: Outbox, then: () => void): { database: Database; outbox: Outbox } {
  let adds = 0
  return {
    outbox: {
      ...outbox,
      add(tx, channel, body, leaving) {
        adds++
        return outbox.add(tx, channel, body, leaving)
      },
      feign(tx, channel, body) {
        adds++ // The worker looks all the same: that it does tells nobody anything.
        return outbox.feign(tx, channel, body)
      },
    },
    database: {
      ...database,
      async transaction(work) {
        const before = adds
        const result = await database.transaction(work)
        if (adds !== before) then()
        return result
      },
    },
  }
}
