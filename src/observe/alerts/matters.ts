/**
 * What belongs together: the first alert of a matter goes out, those that follow within a while become one with a count, and the word
 * that it is over goes out once, and only where it was said that it began. All processes together: one says that it began, each adds what it
 * saw, and one says how often. What comes in is counted in memory, so that a storm of events is no storm of queries.
 */
import { SEVERITIES } from '../detected.ts'
import type { NewAlert } from './alert.ts'
import { addTo, claim, claimOf, endClaim, type ClaimsTransaction } from './claims.ts'
import type { PutDown } from './put-down.ts'

interface Setting extends Pick<PutDown, 'inOne' | 'around'> {
  /** How long what follows is held together, in milliseconds. */
  readonly group: number
  readonly now: () => number
  readonly onFault: (error: unknown) => void
}

export interface Matters {
  /** Never throws, never waits. Alerts are handled in the order in which they came. */
  raise(given: NewAlert): void
  /** Resolves when all that was raised, and all that is due, was handled. */
  settled(): Promise<void>
  /** Adds what was counted to what all counted, and forgets it here. */
  stop(): Promise<void>
}

/** A matter that was seen within the window, which is that of all processes. */
interface Seen {
  readonly given: NewAlert
  until: number
  timer: NodeJS.Timeout
  /** What was not added to the common count yet. */
  more: number
  last: number
}

/** How long a matter is remembered as open. */
const OPEN_FOR = 30 * 86_400_000
/** More matters at once are not held together: somebody is making them up. */
const MOST_MATTERS = 1000
/** At the end of a window the others have this long to add what they saw; their clocks and timers are not ours. */
const LONGEST_GRACE = 5000

/** Makes it. */
export function createMatters({ inOne, around, group, now, onFault }: Setting): Matters {
  const seen = new Map<string, Seen>()
  const grace = Math.min(LONGEST_GRACE, Math.floor(group / 4))
  let last: Promise<void> = Promise.resolve()

  /** One after the other: what is over must not overtake what began. */
  function then(work: () => Promise<void>): void {
    last = last.then(work).catch(onFault)
  }

  function wake(key: string, at: number): NodeJS.Timeout {
    return setTimeout(() => follow(key), Math.max(0, at - now())).unref()
  }

  function begin(given: NewAlert): void {
    const [key, at] = [keyOf(given), now()]
    const known = seen.get(key)
    if (known !== undefined) {
      known.more++
      known.last = at
      return
    }
    if (seen.size >= MOST_MATTERS) return
    const until = at + group + grace
    const fresh: Seen = { given, until, timer: wake(key, until - grace), more: 0, last: at }
    seen.set(key, fresh)
    then(async () => {
      const stands = await open(given, until)
      if (stands === undefined) return
      // Somebody else has said it: their window is ours.
      fresh.more++
      fresh.until = stands
      clearTimeout(fresh.timer)
      fresh.timer = wake(key, stands - grace)
    })
  }

  /** Says that it began, or returns until when the window stands in which another process did. */
  async function open(given: NewAlert, until: number): Promise<number | undefined> {
    try {
      return await inOne(async (tx, put) => {
        // Of a window that nobody lived to report.
        const over = await endClaim(tx, keyOf(given), now())
        if (over !== undefined && over.count > 0) await put({ ...given, state: 'update', count: over.count })
        if (!(await claim(tx, keyOf(given), { until, now: now() }))) return (await claimOf(tx, keyOf(given)))?.until ?? until
        await endClaim(tx, openKey(given))
        await claim(tx, openKey(given), { until: now() + OPEN_FOR, now: now() })
        await put(given)
        return undefined
      })
    } catch (error) {
      // A store that does not answer is a reason to tell more, not less.
      onFault(error)
      await around(given)
      return undefined
    }
  }

  function follow(key: string): void {
    then(async () => {
      const known = seen.get(key)
      if (known === undefined || now() < known.until - grace) return
      clearTimeout(known.timer)
      const stands = known.more === 0 || (await add(key, known))
      if (stands && now() < known.until) {
        known.timer = wake(key, known.until)
        return
      }
      seen.delete(key)
      if (stands) await report(key, known)
      // It was said to be over by another process, and came again here.
      else if (await cameAgain(known)) begin(known.given)
    })
  }

  async function add(key: string, known: Seen): Promise<boolean> {
    const { until, more } = known
    const stands = await inOne((tx) => addTo(tx, key, { until, more }))
    if (stands) known.more -= more
    return stands
  }

  /** One of them says what all counted. */
  async function report(key: string, { given }: Seen): Promise<void> {
    await inOne(async (tx, put) => {
      const over = await endClaim(tx, key, now())
      if (over !== undefined && over.count > 0) await put({ ...given, state: 'update', count: over.count })
    })
  }

  async function cameAgain({ given, last: seenAt }: Seen): Promise<boolean> {
    const ended = await inOne((tx) => claimOf(tx, endedKey(given)))
    return ended !== undefined && seenAt > ended.until - OPEN_FOR
  }

  async function end(given: NewAlert): Promise<void> {
    for (const severity of SEVERITIES) {
      const key = keyOf({ ...given, severity })
      clearTimeout(seen.get(key)?.timer)
      seen.delete(key)
    }
    await inOne(async (tx, put) => {
      for (const severity of SEVERITIES) await endClaim(tx, keyOf({ ...given, severity }))
      const opened = await endClaim(tx, openKey(given))
      if (opened === undefined || opened.until <= now()) return
      await noteEnd(tx, given)
      await put(given)
    })
  }

  async function noteEnd(tx: ClaimsTransaction, given: NewAlert): Promise<void> {
    await endClaim(tx, endedKey(given))
    await claim(tx, endedKey(given), { until: now() + OPEN_FOR, now: now() })
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
    async stop() {
      for (const [key, known] of seen) {
        clearTimeout(known.timer)
        if (known.more > 0) then(async () => void (await add(key, known)))
      }
      seen.clear()
      await last
    },
  }
}

const openKey = ({ key }: NewAlert) => `open:${key}`
const endedKey = ({ key }: NewAlert) => `ended:${key}`
/** Each severity for itself: what became worse is said at once. */
const keyOf = ({ key, severity }: NewAlert) => `matter:${severity}:${key}`
