/** A Redis client of our own for a URL: connected by the first verb, reconnecting for ever, and never holding commands back while offline. */
import { StoreError } from './errors.ts'
import { withDeadline } from './maybe.ts'
import type { RedisClient } from './redis.ts'

export interface RedisConnection {
  client(): RedisClient | Promise<RedisClient>
  close(): Promise<void>
}

/** Milliseconds between two attempts at most. */
const LONGEST_PAUSE = 2000
/** TLS to another site takes longer than a command may. */
const CONNECT_TIMEOUT = 2000

/** Refuses what is no `redis://` or `rediss://` URL; never repeats it, for it may hold a password. */
export function connectRedis(url: string, timeout: number): RedisConnection {
  if (!URL.canParse(url) || !/^rediss?:\/\//i.test(url)) {
    throw new StoreError(
      'store-misconfigured',
      'This is no Redis URL. It looks like redis://user:password@host:6379/0, or rediss:// with TLS.',
    )
  }
  let opening: ReturnType<typeof open> | undefined
  let opened: RedisClient | undefined
  let closed = false

  async function first(): Promise<RedisClient> {
    if (closed) throw new StoreError('store-unavailable', 'The Redis store was closed.')
    const { client, attempted } = await (opening ??= open(url))
    await attempted
    opened = client
    return client
  }

  return {
    client: () => opened ?? first(),
    async close() {
      if (closed) return
      closed = true
      const client = (await opening?.catch(() => undefined))?.client
      if (client?.isOpen !== true) return
      // What was sent may still be answered; a server that does not answer is not waited for.
      const ended = client.isReady
        ? withDeadline(client.close(), timeout, () => new Error('late'))
        : Promise.reject(new Error('offline'))
      await ended.catch(() => client.destroy())
    },
  }
}

async function open(url: string) {
  const { createClient } = await import('redis').catch((cause: unknown) => {
    throw new StoreError(
      'store-misconfigured',
      'A redis:// URL was given, but the package "redis" is not installed. Run: npm install redis',
      { cause },
    )
  })
  const client = createClient({
    url,
    disableOfflineQueue: true,
    commandsQueueMaxLength: 10_000,
    socket: {
      connectTimeout: CONNECT_TIMEOUT,
      reconnectStrategy: (retries) => Math.min(50 * 2 ** Math.min(retries, 6), LONGEST_PAUSE),
    },
  })
  // After the first attempt, good or bad, the client itself says at once whether it is connected.
  const attempted = new Promise<void>((resolve) => {
    client.once('ready', resolve)
    client.once('error', () => resolve())
  })
  client.on('error', () => {})
  client.connect().catch(() => {})
  return { client, attempted }
}
