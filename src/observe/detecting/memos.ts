/**
 * Short texts that outlive the process: what is usual for a user. One process keeps those it met last, and writes after; several read and
 * write the store each time, since what one of them learned all must know.
 */
import type { AtomicStore } from '../../store/atomic.ts'

/** A short text for each key that outlives the process. */
export interface Memo {
  /** `change` gets what stood there and gives what shall; the same or `undefined` changes nothing. */
  update(key: string, now: number, change: (before: string | undefined) => string | undefined): void
}

interface Setting {
  /** Where they are kept. Without it they end with the process. */
  readonly store: AtomicStore | undefined
  /** Whether other processes change them. */
  readonly several: boolean
  readonly onFault: (error: unknown) => void
}

export interface Memos {
  memo(name: string, lives: number): Memo
  /** Resolves when what was begun is done and what waits is written. */
  flush(): Promise<void>
  stop(): void
}

interface Dirty {
  readonly value: string
  readonly lives: number
  readonly now: number
}

/** Of each of two generations. */
const MOST = 10_000
const LONGEST = 2000
const WRITE_AFTER = 2000
const TRIES = 5

export function createMemos({ store, several, onFault }: Setting): Memos {
  const known = createRecent()
  /** One after the other for one key: the second must see what the first has changed. */
  const queues = new Map<string, Promise<void>>()
  let dirty = new Map<string, Dirty>()
  let timer: NodeJS.Timeout | undefined

  function write(key: string, entry: Dirty): void {
    known.set(key, entry.value)
    if (store === undefined) return
    dirty.set(key, entry)
    timer ??= setTimeout(() => void flush().catch(onFault), WRITE_AFTER).unref()
  }

  async function writeAll(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    const batch = dirty
    dirty = new Map()
    for (const [key, { value, lives, now }] of batch) await store!.put(key, value, lives, now)
  }

  async function flush(): Promise<void> {
    while (queues.size > 0) await Promise.all(queues.values())
    await writeAll()
  }

  function queue(key: string, work: () => Promise<void>): void {
    const next = (queues.get(key) ?? Promise.resolve()).then(work).catch(onFault)
    const done = next.finally(() => {
      if (queues.get(key) === done) queues.delete(key)
    })
    queues.set(key, done)
  }

  function memo(name: string, lives: number): Memo {
    const keyOf = (key: string) => `detections:memo:${name}:${key.slice(0, 200)}`

    async function swap(key: string, now: number, change: (before: string | undefined) => string | undefined): Promise<void> {
      for (let tries = 0; tries < TRIES; tries++) {
        const before = await store!.get(key, now)
        const next = change(before)?.slice(0, LONGEST)
        if (next === undefined || next === before) return
        if (await store!.compareAndSwap(key, before, next, lives, now)) return
      }
    }

    function apply(key: string, now: number, change: (before: string | undefined) => string | undefined): void {
      const before = known.get(key)
      const next = change(before)?.slice(0, LONGEST)
      if (next !== undefined && next !== before) write(key, { value: next, lives, now })
    }

    function update(short: string, now: number, change: (before: string | undefined) => string | undefined): void {
      const key = keyOf(short)
      if (store && several) return queue(key, () => swap(key, now, change))
      if (!store || (known.has(key) && !queues.has(key))) return apply(key, now, change)
      queue(key, async () => {
        if (!known.has(key)) known.set(key, await store.get(key, now))
        apply(key, now, change)
      })
    }

    return { update }
  }

  return { memo, flush, stop: () => clearTimeout(timer) }
}

/**
 * What was met last; `undefined` is known, too. Two generations: the older one is dropped whole, since taking the oldest out of a large Map
 * goes by all that were taken out before.
 */
function createRecent() {
  let young = new Map<string, string | undefined>()
  let old = new Map<string, string | undefined>()

  return {
    has: (key: string): boolean => young.has(key) || old.has(key),
    get: (key: string): string | undefined => (young.has(key) ? young.get(key) : old.get(key)),
    set(key: string, value: string | undefined): void {
      if (young.size >= MOST && !young.has(key)) {
        old = young
        young = new Map()
      }
      young.set(key, value)
    },
  }
}
