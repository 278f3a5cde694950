/**
 * Writes events to the log, away from the requests that they happened in: what happens is put into a bounded queue at once, and
 * written in batches later. Nothing here throws into a request; what cannot be written waits, what does not fit is counted and said.
 */
import type { Emit, SecurityEvent } from '../../engine/events.ts'
import type { Chains } from './chains.ts'
import type { Checkpoints } from './checkpoints.ts'
import { anyActs, dropActs, takeActs, type Intake } from './intake.ts'
import { toRecord } from './record.ts'
import { batchSize, type AuditRow } from './rows.ts'
import type { AuditDatabase } from './schema.ts'
import type { Segments } from './segments.ts'

export interface WriterSetting {
  readonly database: AuditDatabase
  readonly chains: Chains
  readonly checkpoints: Checkpoints
  readonly intake: Intake
  readonly insert: (rows: readonly AuditRow[]) => Promise<void>
  readonly segments?: Segments | undefined
  readonly emit: Emit
  readonly now: () => number
  readonly onFault: (error: unknown) => void
  /** Events that wait at most. */
  readonly queue: number
  /** Events after which a chain is signed. */
  readonly every: number
  /** Milliseconds after which it is signed with fewer. */
  readonly within: number
}

/** How long an event waits for others to be written with it. */
const GATHER = 200
/** How long after a failure it is tried again. */
const RETRY = 2000
/** How often what other processes left is looked for, and whether a checkpoint is due. */
const LOOK = 10_000
/** Batches after which it is looked whether a checkpoint is due, while there is no end of them. */
const SIGN_EVERY = 8
/** A clock may be set back by less without being told. */
const TOLERATED = 2000

/** Not begun: `start` does. */
export function createWriter(setting: WriterSetting) {
  const { database, chains, checkpoints, intake, insert, segments, emit, now, onFault } = setting
  const queue: SecurityEvent[] = []
  let running: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let look: NodeJS.Timeout | undefined
  let acts = true
  let written = 0
  const lost = { total: 0, told: 0 }
  let failure: { readonly error: string } | undefined
  /** Since when a chain has events that are not signed. */
  const unsigned = new Map<number, number>()
  let latest = 0
  let stopped = false

  function soon(delay: number): void {
    if (timer !== undefined || stopped) return
    timer = setTimeout(() => {
      timer = undefined
      void drain()
    }, delay)
    timer.unref()
  }

  function offer(event: SecurityEvent): void {
    if (event.type === 'sys_audit_checkpoint') return
    watchClock(event.time)
    if (intake.has(event)) {
      acts = true
    } else if (queue.length < setting.queue) {
      queue.push(event)
    } else {
      lost.total++
      if (lost.total === lost.told + 1) emit({ type: 'sys_audit_dropped', data: { count: 1 } })
      return
    }
    soon(failure === undefined ? GATHER : RETRY)
  }

  function watchClock(time: number): void {
    const by = latest - time
    latest = time
    if (by > TOLERATED) emit({ type: 'sys_clock_back', data: { by } })
  }

  function drain(): Promise<void> {
    return (running ??= work()
      .then(recovered, failed)
      .finally(() => (running = undefined)))
  }

  async function work(): Promise<void> {
    acts = acts && (await anyActs(database))
    if (queue.length === 0 && !acts) return sign(false)
    await chains.settle()
    await chains.ready()
    while (acts) acts = await writeActs()
    for (let count = 1; queue.length > 0; count++) {
      await writeQueued(batchSize(queue.length))
      // Requests come first: between two batches everything else has its turn.
      await new Promise(setImmediate)
      if (count % SIGN_EVERY === 0) await sign(false)
    }
    await sign(false)
  }

  async function writeQueued(size: number): Promise<void> {
    const plan = chains.plan(queue.slice(0, size).map(toRecord))
    chains.attempt(plan, () => {
      queue.splice(0, size)
      keep(plan.rows)
    })
    await insert(plan.rows)
    chains.confirm()
  }

  /** Puts what lies in the intake into the chains; whether there may be more. */
  async function writeActs(): Promise<boolean> {
    const count = await database.transaction(async (tx) => {
      const taken = await takeActs(tx, database.dialect)
      if (taken.length === 0) return 0
      const plan = chains.plan(taken.map(({ event }) => toRecord(event)))
      chains.attempt(plan, () => keep(plan.rows))
      await tx
        .insertInto('hf_audit')
        .values(plan.rows as never)
        .execute()
      await dropActs(
        tx,
        taken.map(({ id }) => id),
      )
      return taken.length
    })
    chains.confirm()
    return count > 0
  }

  function keep(rows: readonly AuditRow[]): void {
    written += rows.length
    if (segments === undefined) return
    const names = new Map([...chains.heads.values()].map(({ id, name }) => [id, name]))
    try {
      segments.write(rows, (chain) => names.get(chain)!)
    } catch (error) {
      onFault(error)
    }
  }

  async function sign(all: boolean): Promise<void> {
    for (const head of chains.heads.values()) {
      const signed = checkpoints.sizeOf(head.id)
      if (head.size === signed) continue
      if (!unsigned.has(head.id)) unsigned.set(head.id, now())
      const due = all || head.size - signed >= setting.every || now() - unsigned.get(head.id)! >= setting.within
      if (!due) continue
      await checkpoints.sign(head)
      unsigned.delete(head.id)
    }
  }

  function recovered(): void {
    const was = failure
    failure = undefined
    if (was) emit({ type: 'sys_audit_back' })
    const count = lost.total - lost.told
    if (count === 0) return
    lost.told = lost.total
    emit({ type: 'sys_audit_dropped', data: { count } })
  }

  function failed(error: unknown): void {
    const first = failure === undefined
    failure = { error: error instanceof Error ? error.message : String(error) }
    soon(RETRY)
    if (!first) return
    onFault(error)
    emit({ type: 'sys_audit_behind', data: { waiting: queue.length, error: failure.error } })
  }

  /** All that happened before is written. Rejects where it cannot be. */
  async function flush(): Promise<void> {
    await running
    acts = true
    await drain()
    if (failure) throw new Error(`The audit log cannot be written: ${failure.error}`)
  }

  return {
    offer,
    flush,
    start(): void {
      look = setInterval(() => {
        acts = true
        void drain()
      }, LOOK)
      look.unref()
    },
    /** Writes and signs what there is. What cannot be written now is lost, and said so. */
    async stop(): Promise<void> {
      stopped = true
      clearTimeout(timer)
      clearInterval(look)
      await flush().then(() => sign(true), onFault)
      segments?.close()
    },
    state: () => ({ behind: queue.length, oldest: queue[0]?.time, dropped: lost.total, written, error: failure?.error }),
  }
}

export type Writer = ReturnType<typeof createWriter>
