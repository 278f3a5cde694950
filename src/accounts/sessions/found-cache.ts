/**
 * Remembers what a session or an API key was found to be, for a tenth of a second: a page and what it loads ask for the same session
 * several times, and each look into the database costs more than all other controls together.
 *
 * What this process changes (sign-out, a revoked key, a disabled user, other roles, session data) is seen by the very next request: every write
 * through accounts empties the memory, the regular sweep of what ended included. What another process changes is told by it
 * (`store/announcements.ts`), and goes unseen for as long as entries are kept at most, should the message be lost. While this process
 * may not hear the others, nothing is remembered.
 */
import type { KyselyPlugin } from 'kysely'
import type { Announcements } from '../../store/announcements.ts'
import type { AccountsDatabase } from '../schema.ts'

/**
 * What was found, by what was asked with (a token, or its hash); one for each kind of thing, so that nothing of one kind is ever
 * read as another (L98).
 */
export interface FoundCache<Found> {
  /** What was found for this, if that was a moment ago and nothing was written since. */
  get(asked: string, now: number): Found | undefined
  /** Remembers, unless something was written since `generation`: an answer that began before a write is of before it. */
  put(asked: string, found: Found, now: number, generation: number): void
  generation(): number
}

/** All caches of one database, which every write through `watched` empties. */
export interface FoundCaches {
  open<Found>(): FoundCache<Found>
  /** The database through which all of accounts writes. */
  readonly watched: AccountsDatabase
}

const MOST = 10_000

/** `keep` in milliseconds; 0 remembers nothing. `others`: where there are other processes, which write, too. */
export function createFoundCaches(database: AccountsDatabase, keep: number, others?: Announcements): FoundCaches {
  const opened: Map<string, unknown>[] = []
  let generation = 0

  function forget(): void {
    generation++
    for (const entries of opened) entries.clear()
  }

  function written(): void {
    forget()
    others?.announce()
  }

  others?.listen(forget)
  const hears = (): boolean => others === undefined || others.live()

  function open<Found>(): FoundCache<Found> {
    const entries = new Map<string, { readonly found: Found; readonly until: number }>()
    opened.push(entries)
    return {
      get(asked, now) {
        if (!hears()) return undefined
        const entry = entries.get(asked)
        if (entry === undefined || now < entry.until) return entry?.found
        entries.delete(asked)
        return undefined
      },
      put(asked, found, now, began) {
        if (keep === 0 || began !== generation || !hears()) return
        if (entries.size >= MOST) entries.clear()
        entries.set(asked, { found, until: now + keep })
      },
      generation: () => generation,
    }
  }

  return { open, watched: keep === 0 && others === undefined ? database : watch(database, written) }
}

function watch(database: AccountsDatabase, written: () => void): AccountsDatabase {
  return {
    ...database,
    kysely: database.kysely.withPlugin(writeWatcher(written)),
    statement(text) {
      const statement = database.statement<never>(text)
      return {
        ...statement,
        async run(...values) {
          try {
            return await statement.run(...values)
          } finally {
            written()
          }
        },
      }
    },
    async transaction(work) {
      try {
        return await database.transaction(work)
      } finally {
        written()
      }
    },
  }
}

/** Reads begin with a select; everything else is taken for a write. */
function writeWatcher(written: () => void): KyselyPlugin {
  const writes = new WeakSet<object>()
  return {
    transformQuery({ node, queryId }) {
      if (node.kind !== 'SelectQueryNode') writes.add(queryId)
      return node
    },
    async transformResult({ result, queryId }) {
      if (writes.has(queryId)) written()
      return result
    },
  }
}
