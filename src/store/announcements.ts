/**
 * Tells the other processes that something was written, so that what each of them remembers is dropped at once. A message says nothing
 * but that: whoever hears it asks the database.
 *
 * It fails closed: `live()` is true only while this process is known to hear the others, because it heard itself through the store. A
 * connection that is lost, a pooler that swallows `LISTEN`, a store that is gone: not live, and nothing may be remembered until it is.
 */
import { withDeadline } from './maybe.ts'

/** One way through a store: PostgreSQL's LISTEN and NOTIFY, Redis's PUBLISH and SUBSCRIBE. */
export interface Channel {
  /** Subscribes, on a connection of its own. `lost` is called when it ends by itself; then `heard` is not called any more. */
  open(on: { heard(text: string): void; lost(): void }): Promise<Subscription>
  publish(text: string): Promise<unknown>
}

export interface Subscription {
  close(): Promise<unknown>
}

export interface Announcements {
  /** Whether everything that others announce reaches this process now. */
  live(): boolean
  /** After a write was committed. Never throws, never waits; many in a row become few. */
  announce(): void
  /** What to do when somebody else wrote. */
  listen(heard: () => void): void
  /** Waits for what is on its way. */
  close(): Promise<void>
}

export interface AnnouncementsOptions {
  /** Base64url text of so many random bytes. */
  readonly random: (bytes: number) => string
  /** Called when it was lost, or could not be had from the beginning; once until it is back. */
  readonly onLost: () => void
  readonly onBack: () => void
  /** Whether to listen, too. The command only tells. @default true */
  readonly listens?: boolean
}

const WRITTEN = 'written'
/** Milliseconds within which a connection stands, and one's own message comes back. */
const PATIENCE = 5000
/** Milliseconds between two attempts. */
const ASK_AGAIN = 500

/** Starts to listen at once, and goes on trying. Its timers do not keep the process alive. */
export function createAnnouncements(channel: Channel, options: AnnouncementsOptions): Announcements {
  const { random, onLost, onBack, listens = true } = options
  const listeners: (() => void)[] = []
  let subscription: Subscription | undefined
  let timer: NodeJS.Timeout | undefined
  let [live, told, closed] = [false, false, false]
  let sending: Promise<void> | undefined
  let again = false

  function wake(): void {
    for (const heard of listeners) heard()
  }

  async function connect(): Promise<void> {
    const proof = `proof ${random(16)}`
    const proved = Promise.withResolvers<void>()
    let current = true
    function lost(): void {
      if (!current) return
      current = false
      proved.reject(new Error('The connection was lost.'))
      lose()
    }
    try {
      const heard = (text: string) => (text === proof ? proved.resolve() : wake())
      // A loss while opening rejects both; one of them is waited for.
      proved.promise.catch(() => undefined)
      const opened = channel.open({ heard, lost })
      subscription = await withDeadline(opened, PATIENCE, () => {
        // It may still come, and nobody would close it.
        void opened.then((tooLate) => tooLate.close()).catch(() => undefined)
        return late()
      })
      await withDeadline(channel.publish(proof), PATIENCE, late)
      await withDeadline(proved.promise, PATIENCE, late)
      if (current && !closed) begin()
    } catch {
      lost()
    }
    if (closed) await drop()
  }

  /** What was remembered before, or is being looked up, may be from a time when nobody told. */
  function begin(): void {
    live = true
    wake()
    if (told) onBack()
    told = false
  }

  function lose(): void {
    live = false
    if (closed) return
    if (!told) onLost()
    told = true
    timer = setTimeout(() => void drop().then(connect), ASK_AGAIN)
    timer.unref()
  }

  async function drop(): Promise<void> {
    const dropped = subscription
    subscription = undefined
    await dropped?.close().catch(() => undefined)
  }

  async function send(): Promise<void> {
    do {
      again = false
      await withDeadline(channel.publish(WRITTEN), PATIENCE, late).catch(() => undefined)
    } while (again)
    sending = undefined
  }

  const opening = listens ? connect() : Promise.resolve()

  return {
    live: () => live,
    announce() {
      if (closed) return
      again = true
      sending ??= send()
    },
    listen: (heard) => void listeners.push(heard),
    async close() {
      closed = true
      live = false
      clearTimeout(timer)
      await sending
      await drop()
      await opening.catch(() => undefined)
    },
  }
}

function late(): Error {
  return new Error(`No answer within ${PATIENCE} ms.`)
}
