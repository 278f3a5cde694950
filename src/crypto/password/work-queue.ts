/**
 * A few costly computations at a time, a few waiting, and a clear "later" for the rest. Without it a burst of sign-ins takes
 * every thread and all memory, and the whole application stands still (CWE-400, CWE-770; OWASP ASVS 5.0 2.4.1).
 */

/** The hasher has as much to do as it may. Answer 503 with `Retry-After: retryAfter`. */
export class HasherBusy extends Error {
  /** Whole seconds after which it is worth trying again, 1 to 60. */
  readonly retryAfter: number

  constructor(retryAfter: number) {
    super(`Too many passwords are being checked at once. Try again in ${retryAfter} s.`)
    this.name = 'HasherBusy'
    this.retryAfter = retryAfter
  }
}

export interface WorkQueueOptions {
  /** Computations at the same time, at least 1. */
  readonly concurrency: number
  /** How many may wait. */
  readonly queue: number
  /** Milliseconds after which waiting was in vain. Its client has most likely gone, and the work would be for nobody. */
  readonly maximumWait: number
  /** A clock in milliseconds that never goes back. */
  readonly now: () => number
}

export interface WorkQueue {
  /** Does the work when it is its turn, in the order of the calls. Rejects with `HasherBusy` when the queue is full or the wait was too long. */
  run<T>(work: () => Promise<T>): Promise<T>
  /** How much there is to do now. */
  load(): QueueLoad
}

export interface QueueLoad {
  readonly running: number
  readonly waiting: number
}

interface Waiting {
  readonly since: number
  readonly begin: () => void
  readonly refuse: (reason: HasherBusy) => void
}

const FIRST_GUESS = 50 // milliseconds for one computation, until there is a measured one
const LONGEST_RETRY = 60

export function createWorkQueue({ concurrency, queue, maximumWait, now }: WorkQueueOptions): WorkQueue {
  const waiting: Waiting[] = []
  let running = 0
  let average = FIRST_GUESS

  function busy(): HasherBusy {
    const seconds = Math.ceil(((waiting.length + running) * average) / concurrency / 1000)
    return new HasherBusy(Math.min(LONGEST_RETRY, Math.max(1, seconds)))
  }

  async function start<T>(work: () => Promise<T>): Promise<T> {
    running += 1
    const began = now()
    try {
      return await work()
    } finally {
      running -= 1
      average += (now() - began - average) / 8
      next()
    }
  }

  /** Those who waited in vain are told now, so that they do not keep others out. No timer: each arrival and each end looks. */
  function expire(): void {
    while (waiting[0] !== undefined && now() - waiting[0].since > maximumWait) waiting.shift()?.refuse(busy())
  }

  function next(): void {
    expire()
    if (running < concurrency) waiting.shift()?.begin()
  }

  return {
    load: () => ({ running, waiting: waiting.length }),
    run(work) {
      expire()
      if (running < concurrency) return start(work)
      if (waiting.length >= queue) return Promise.reject(busy())
      return new Promise((resolve, reject) => {
        waiting.push({ since: now(), begin: () => resolve(start(work)), refuse: reject })
      })
    },
  }
}
