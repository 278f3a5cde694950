/**
 * The atomic verbs on Redis, for what is hot and may be lost. With a client of the application (node-redis 5 or 6) or a URL, for which
 * the optional peer `redis` is loaded.
 *
 * A lost connection is told at once and never queued up: every verb answers or rejects within half a second, and the client
 * reconnects by itself. Source: https://github.com/redis/node-redis/blob/master/docs/client-configuration.md
 */
import type { AtomicStore } from './atomic.ts'
import { checkKey, checkLimit, checkValue, expiry, instant } from './bounds.ts'
import { noCount, StoreError } from './errors.ts'
import { describe, mayTake, planTake } from './gcra.ts'
import { canPublish, redisChannel, type PubSubClient } from './redis-channel.ts'
import { connectRedis } from './redis-connect.ts'
import { scripts } from './redis-scripts.ts'
import type { Script } from './redis-scripts.ts'
import { withDeadline } from './maybe.ts'
import { decodeString, encodeString } from './stored-string.ts'

/** What is used of a node-redis client or cluster. */
export interface RedisClient {
  evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
}

export interface RedisOptions {
  /** Before every key. @default 'hf:' */
  readonly prefix?: string
  /** Milliseconds within which Redis answers, or the verb rejects. @default 500 */
  readonly timeout?: number
}

/**
 * A client that was handed in must be connected (or connecting) and stays open; it should have an `error` listener, as node-redis asks.
 * With a URL the first verb connects. Rates and values have spaces of their own under the prefix: `hf:r:` and `hf:v:`.
 */
export function redisStore(target: RedisClient | string, options: RedisOptions = {}): AtomicStore {
  const { prefix = 'hf:', timeout = 500 } = options
  const connection = typeof target === 'string' ? connectRedis(target, timeout) : { client: () => target, close: async () => {} }

  /** A client of ours can; one that was handed in may be something smaller. */
  const channel = typeof target === 'string' || canPublish(target) ? redisChannel(publisher, prefix) : undefined

  async function publisher(): Promise<PubSubClient> {
    const client = await connection.client()
    if (canPublish(client)) return client
    throw new StoreError('store-misconfigured', 'This Redis client cannot publish.')
  }

  async function send(script: Script, key: string, values: string[]): Promise<unknown> {
    const client = await connection.client()
    const options = { keys: [prefix + key], arguments: values }
    try {
      return await client.evalSha(script.sha, options)
    } catch (error) {
      // The server was restarted, or never saw the script.
      if (error instanceof Error && error.message.startsWith('NOSCRIPT')) return client.eval(script.text, options)
      throw error
    }
  }

  const run = (script: Script, key: string, ...values: (string | number)[]): Promise<unknown> =>
    withDeadline(send(script, key, values.map(String)), timeout, () => late(timeout))
  const onRate = (script: Script, key: string, ...values: (string | number)[]): Promise<unknown> =>
    run(script, `r:${encodeString(key)}`, ...values)
  const onValue = (script: Script, key: string, ...values: (string | number)[]): Promise<unknown> =>
    run(script, `v:${encodeString(key)}`, ...values)

  return {
    name: 'redis',
    shared: true,
    async take(key, rate, now, cost) {
      checkKey(key)
      const plan = planTake(rate, now, cost)
      const looksOnly = plan.increment === 0
      const ceiling = mayTake(plan) && !looksOnly ? plan.ceiling : -1
      const [done, tat] = pair(await onRate(scripts.take, key, plan.now, plan.increment, ceiling))
      const allowed = looksOnly ? Math.max(tat, plan.now) <= plan.ceiling : done === 1
      return describe(plan, tat, allowed)
    },
    async forgive(key) {
      checkKey(key)
      await onRate(scripts.delete, key)
    },
    async put(key, value, ttl, now) {
      checkKey(key)
      checkValue(value)
      await onValue(scripts.put, key, encodeString(value), expiry(now, ttl), instant(now))
    },
    async get(key, now) {
      checkKey(key)
      return textOf(await onValue(scripts.get, key, instant(now)))
    },
    async delete(key) {
      checkKey(key)
      await onValue(scripts.delete, key)
    },
    async consumeOnce(key, now) {
      checkKey(key)
      return textOf(await onValue(scripts.consume, key, instant(now)))
    },
    async incrementIf(key, limit, ttl, now) {
      checkKey(key)
      checkLimit(limit)
      const [done, count] = pair(await onValue(scripts.increment, key, limit, expiry(now, ttl), instant(now)))
      if (done === -1) throw noCount()
      return { ok: done === 1, count }
    },
    async reserve(key, owner, ttl, now) {
      checkKey(key)
      checkValue(owner)
      return isOne(await onValue(scripts.reserve, key, encodeString(owner), expiry(now, ttl), instant(now)))
    },
    async release(key, owner) {
      checkKey(key)
      return isOne(await onValue(scripts.release, key, encodeString(owner)))
    },
    async compareAndSwap(key, expected, next, ttl, now) {
      checkKey(key)
      checkValue(next)
      const last = expected === undefined ? [] : [encodeString(expected)]
      return isOne(await onValue(scripts.swap, key, encodeString(next), expiry(now, ttl), instant(now), ...last))
    },
    ...(channel && { channel }),
    sweep: () => 0,
    async ping() {
      await onValue(scripts.get, 'ping', 0)
    },
    close: () => connection.close(),
  }
}

function late(timeout: number): StoreError {
  return new StoreError('store-unavailable', `Redis did not answer within ${timeout} ms.`)
}

function pair(reply: unknown): [number, number] {
  if (!Array.isArray(reply) || reply.length !== 2)
    throw new StoreError('store-unavailable', 'Redis answered something that is no pair of numbers.')
  return [Number(reply[0]), Number(reply[1])]
}

/** A client may be set up to answer with Buffers. */
function textOf(reply: unknown): string | undefined {
  if (reply === null || reply === undefined) return undefined
  return decodeString(reply instanceof Uint8Array ? Buffer.from(reply).toString() : String(reply as string))
}

function isOne(reply: unknown): boolean {
  return Number(reply) === 1
}
