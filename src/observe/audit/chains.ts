/**
 * The chains that this process writes: one a class, so that what is kept for a shorter time can be removed from the beginning of its
 * chain and nowhere else. Knows how far each is, also after a write of which nobody knows whether it happened.
 */
import { EVENT_CLASSES, type EventClass } from '../../engine/event-classes.ts'
import { toBase64Url, type Hashes } from './merkle.ts'
import type { AuditRecord } from './record.ts'
import { linkRecord, newHead, type AuditRow, type Head } from './rows.ts'
import type { AuditDatabase } from './schema.ts'

export type Heads = ReadonlyMap<EventClass, Head>

/** Rows that are to be written, and where the chains are once they are. */
export interface Plan {
  readonly rows: readonly AuditRow[]
  readonly heads: Heads
}

interface Setting {
  readonly database: AuditDatabase
  readonly hashes: Hashes
  readonly random: (bytes: number) => string
  readonly now: () => number
}

export function createChains({ database, hashes, random, now }: Setting) {
  let writer = random(16)
  let heads: Heads = new Map()
  let doubtful: { readonly heads: Heads; readonly done: () => void } | undefined

  async function open(of: EventClass): Promise<Head> {
    const name = `${writer}/${of}`
    const row = { name, began_at: now() }
    const { id } = await database.kysely
      .insertInto('hf_audit_chains')
      .values(row as never)
      .returning('id')
      .executeTakeFirstOrThrow()
    return newHead(id, name)
  }

  async function lastOf(head: Head): Promise<{ readonly size: number; readonly hash: string }> {
    const row = await database.kysely
      .selectFrom('hf_audit')
      .select(['seq', 'hash'])
      .where('chain', '=', head.id)
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst()
    return row ? { size: row.seq + 1, hash: row.hash } : { size: 0, hash: toBase64Url(newHead(head.id, head.name).hash) }
  }

  async function standAt(wanted: Heads): Promise<boolean> {
    for (const head of wanted.values()) {
      const { size, hash } = await lastOf(head)
      if (size !== head.size || hash !== toBase64Url(head.hash)) return false
    }
    return true
  }

  return {
    /** Opens the chains of this process, at its first event. Not within a transaction. */
    async ready(): Promise<void> {
      if (heads.size > 0) return
      const opened = new Map<EventClass, Head>()
      for (const of of EVENT_CLASSES) opened.set(of, await open(of))
      heads = opened
    },

    /** What each of these is linked to, in their order. */
    plan(records: readonly AuditRecord[]): Plan {
      const next = new Map<EventClass, Head>(heads)
      const rows: AuditRow[] = []
      const writing = now()
      for (const record of records) {
        const linked = linkRecord(hashes, next.get(record.class)!, record, { random, writing })
        next.set(record.class, linked.head)
        rows.push(linked.row)
      }
      return { rows, heads: next }
    },

    /** A plan is about to be written. `done` is called once it is certain that it was: by `confirm`, or by `settle`. */
    attempt(plan: Plan, done: () => void): void {
      doubtful = { heads: plan.heads, done }
    },

    /** It was written. */
    confirm(): void {
      if (doubtful === undefined) return
      heads = doubtful.heads
      doubtful.done()
      doubtful = undefined
    },

    /** After a write that failed: finds out whether it happened all the same, as when a connection breaks behind the commit. */
    async settle(): Promise<void> {
      if (doubtful === undefined) return
      if (await standAt(doubtful.heads)) {
        heads = doubtful.heads
        doubtful.done()
      } else if (heads.size > 0 && !(await standAt(heads))) {
        // Somebody else wrote into our chains. What is there is theirs to explain; we go on in new ones.
        writer = random(16)
        heads = new Map()
      }
      doubtful = undefined
    },

    get heads() {
      return heads
    },
    get writer() {
      return writer
    },
  }
}

export type Chains = ReturnType<typeof createChains>
