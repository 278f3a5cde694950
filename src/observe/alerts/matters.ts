/**
 * What belongs together: the first alert of a matter goes out, those that follow within a while become one with a count, and the word
 * that it is over goes out once, and only where it was said that it began. Of several processes one says that it began; each counts what
 * it sees itself. What comes in is counted in memory, so that a storm of events is no storm of queries.
 */
import type { AtomicStore } from '../../store/atomic.ts'
import { SEVERITIES } from '../detected.ts'
import type { NewAlert } from './alert.ts'

interface Setting {
  readonly once: Pick<AtomicStore, 'incrementIf' | 'put' | 'consumeOnce' | 'delete'>
  /** How long what follows is held together, in milliseconds. */
  readonly group: number
  readonly now: () => number
  readonly onFault: (error: unknown) => void
  readonly send: (alert: NewAlert) => Promise<void>
}

export interface Matters {
  /** Never throws, never waits. Alerts are handled in the order in which they came. */
  raise(given: NewAlert): void
  /** Resolves when all that was raised, and all that is due, was handled. */
  settled(): Promise<void>
  /** Forgets what was to be said later. */
  stop(): void
}

/** A matter that was seen within the window. */
interface Seen {
  readonly given: NewAlert
  readonly due: number
  readonly timer: NodeJS.Timeout
  more: number
}

/** How long a matter is remembered as open. */
const OPEN_FOR = 30 * 86_400_000
/** More matters at once are not held together: somebody is making them up. */
const MOST_MATTERS = 1000

/** Makes it. */
export function createMatters({ once, group, now, onFault, send }: Setting): Matters {
  const seen = new Map<string, Seen>()
  let last: Promise<void> = Promise.resolve()

  /** One after the other: what is over must not overtake what began. */
  function then(work: () => Promise<void>): void {
    last = last.then(work).catch(onFault)
  }

  function begin(given: NewAlert): void {
    const key = keyOf(given)
    const known = seen.get(key)
    if (known !== undefined) return void known.more++
    if (seen.size >= MOST_MATTERS) return
    const timer = setTimeout(() => follow(key), group)
    timer.unref()
    const fresh: Seen = { given, due: now() + group, timer, more: 0 }
    seen.set(key, fresh)
    then(async () => {
      if (await isFirst(given)) await send(given)
      else fresh.more++
    })
  }

  /** A store that does not answer is a reason to tell more, not less. */
  async function isFirst(given: NewAlert): Promise<boolean> {
    try {
      const { ok } = await once.incrementIf(keyOf(given), 1, group, now())
      if (ok) await once.put(openKey(given), given.severity, OPEN_FOR, now())
      return ok
    } catch (error) {
      onFault(error)
      return true
    }
  }

  function follow(key: string): void {
    then(async () => {
      const known = seen.get(key)
      if (known === undefined || known.due > now()) return
      clearTimeout(known.timer)
      seen.delete(key)
      if (known.more > 0) await send({ ...known.given, state: 'update', count: known.more })
    })
  }

  async function end(given: NewAlert): Promise<void> {
    for (const severity of SEVERITIES) {
      const key = keyOf({ ...given, severity })
      clearTimeout(seen.get(key)?.timer)
      seen.delete(key)
    }
    const opened = await once.consumeOnce(openKey(given), now())
    if (opened === undefined) return
    for (const severity of SEVERITIES) await once.delete(keyOf({ ...given, severity }))
    await send(given)
  }

  return {
    raise(given) {
      if (given.state === 'resolved') then(() => end(given))
      else begin(given)
    },
    async settled() {
      for (const key of seen.keys()) follow(key)
      let waited: Promise<void>
      do await (waited = last)
      while (waited !== last)
    },
    stop() {
      for (const { timer } of seen.values()) clearTimeout(timer)
      seen.clear()
    },
  }
}

const openKey = ({ key }: NewAlert) => `alerts:open:${key}`
/** Each severity for itself: what became worse is said at once. */
const keyOf = ({ key, severity }: NewAlert) => `alerts:${severity}:${key}`
