/**
 * Looks at the pages of a long log in threads, as many as there are processors to spare, and gives what it finds in the order of the pages.
 * The first pages, and those for which no thread has time, are looked at here.
 */
import { availableParallelism } from 'node:os'
import { setImmediate as turn } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { createFinder, type Found, type Page } from './runs.ts'

/** A log of so many pages is done before a thread has begun. */
const ALONE = 16
/** Pages that wait for a thread, with the one it is at. */
const WAITING = 2
/** More of them would wait for who reads the pages. */
const MOST = 3

/** As the compiled package, or as source: the file of the thread stands beside this one. */
const FILE = new URL(import.meta.url.endsWith('.ts') ? 'thread.ts' : 'thread.js', import.meta.url)

export interface Threads {
  /** Rejects where a page cannot be read, or a thread ended. */
  each<P extends Page>(pages: AsyncIterable<P>): AsyncGenerator<readonly [page: P, found: Found]>
  close(): Promise<void>
}

export function createThreads(count = Math.min(MOST, availableParallelism() - 1), alone = ALONE): Threads {
  const find = createFinder()
  const threads: Thread[] = []
  let pages = 0

  function idlest(): Thread | undefined {
    while (threads.length < count) threads.push(startThread())
    const first = threads.toSorted((a, b) => a.waiting - b.waiting)[0]
    return first && first.waiting < WAITING ? first : undefined
  }

  async function look({ kind, text }: Page): Promise<Found> {
    if (pages++ < alone) return find({ kind, text })
    let thread = idlest()
    if (thread === undefined && count > 0) {
      // Their answers may lie there already.
      await turn()
      thread = idlest()
    }
    return thread ? await thread.find({ kind, text }) : find({ kind, text })
  }

  return {
    async *each<P extends Page>(read: AsyncIterable<P>) {
      const ahead: { readonly page: P; readonly found: Promise<Found> }[] = []
      for await (const page of read) {
        const found = look(page)
        // Those before it are waited for first.
        found.catch(() => {})
        ahead.push({ page, found })
        if (ahead.length <= count * WAITING) continue
        const next = ahead.shift()!
        yield [next.page, await next.found] as const
      }
      for (const { page, found } of ahead) yield [page, await found] as const
    },
    async close() {
      await Promise.all(threads.map((thread) => thread.end()))
    },
  }
}

interface Thread {
  readonly waiting: number
  find(page: Page): Promise<Found>
  end(): Promise<unknown>
}

function startThread(): Thread {
  const worker = new Worker(FILE, { name: 'holdfast-verify' })
  const asked: PromiseWithResolvers<Found>[] = []
  const fail = (error: Error) => {
    for (const { reject } of asked.splice(0)) reject(error)
  }
  worker.on('message', (found: Found) => asked.shift()?.resolve(found))
  worker.on('error', fail)
  worker.on('exit', () => fail(new Error('A thread that verifies the log ended early.')))
  return {
    get waiting() {
      return asked.length
    },
    find(page) {
      const one = Promise.withResolvers<Found>()
      asked.push(one)
      worker.postMessage(page, [])
      return one.promise
    },
    end: () => worker.terminate(),
  }
}
