/**
 * Keeps what is in force in the memory of each process, so that no request asks a store for it: read again when this process wrote, when
 * another says that it did (`store/announcements.ts`), and after a moment in any case, because messages get lost and the command may be on
 * another machine. A database that does not answer ends no block: what was known goes on until it expires.
 */
import { slot } from '../../engine/exchange.ts'
import type { Announcements } from '../../store/announcements.ts'
import type { MaybePromise } from '../../store/database.ts'
import type { Active, Hold } from './hold.ts'
import { compileInForce, type InForce } from './in-force.ts'
import type { ResponsesDatabase } from './schema.ts'

export interface Containments {
  /** What is in force, as of a moment ago. */
  readonly inForce: InForce
  /** Reads it again if it is due: nothing to wait for in all but a few requests a second. Never rejects. */
  refresh(now: number): MaybePromise<void>
  /** Reads it now: after a write of this process. Rejects when the database does. */
  reload(now: number): Promise<void>
}

/** How controls find it: `setting.use(Containments)`. */
export const Containments = slot<Containments>('containments')

interface Setting {
  readonly database: ResponsesDatabase
  readonly announcements: Announcements | undefined
  /** Milliseconds for which what was read is believed. */
  readonly keep: number
  readonly onFault: (error: unknown) => void
}

interface Row {
  readonly id: string
  readonly hold: string
  readonly applied_at: number
  readonly expires_at: number
}

/** More are not in force at once; see `responder.ts`. */
export const MOST_IN_FORCE = 5000
const SELECT = `SELECT id, hold, applied_at, expires_at FROM hf_responses
  WHERE state = 'active' AND hold IS NOT NULL AND expires_at > ? ORDER BY applied_at LIMIT ${MOST_IN_FORCE}`

/** Knows of nothing until the first `refresh` or `reload`. */
export function createContainments({ database, announcements, keep, onFault }: Setting): Containments {
  const select = database.statement<Row>(SELECT)
  let [inForce, readAt, text] = [compileInForce([]), Number.NEGATIVE_INFINITY, '']
  let reading: Promise<void> | undefined
  /** Goes up with each word that somebody wrote: what was being read then may be of before it. */
  let heard = 0

  announcements?.listen(() => {
    heard++
    readAt = Number.NEGATIVE_INFINITY
  })

  function take(rows: readonly Row[], now: number, began = heard): void {
    readAt = began === heard ? now : Number.NEGATIVE_INFINITY
    const read = JSON.stringify(rows)
    if (read === text) return
    text = read
    inForce = compileInForce(rows.map(toActive))
  }

  /** Believed for another moment: a store that is down must not be asked by every request. */
  function failed(error: unknown, now: number): void {
    readAt = now
    onFault(error)
  }

  function read(now: number): MaybePromise<void> {
    try {
      const found = select.all(now)
      if (!(found instanceof Promise)) return take(found, now)
      const began = heard
      reading = found
        .then((rows) => take(rows, now, began))
        .catch((error: unknown) => failed(error, now))
        .finally(() => (reading = undefined))
      return reading
    } catch (error) {
      return failed(error, now)
    }
  }

  return {
    get inForce() {
      return inForce
    },
    refresh(now) {
      // A clock that went back must not make it believe for ever.
      if (now - readAt < keep && now >= readAt) return undefined
      return reading ?? read(now)
    },
    async reload(now) {
      await reading
      const began = heard
      take(await select.all(now), now, began)
    },
  }
}

function toActive({ id, hold, applied_at: since, expires_at: until }: Row): Active {
  return { id, hold: JSON.parse(hold) as Hold, since: Number(since), until: Number(until) }
}
