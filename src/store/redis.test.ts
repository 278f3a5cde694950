import assert from 'node:assert/strict'
import { createServer, connect } from 'node:net'
import type { Server, Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { createClient } from 'redis'
import { atomicContract } from './atomic.contract.ts'
import { redisStore } from './redis.ts'
import type { RedisClient } from './redis.ts'
import { scripts } from './redis-scripts.ts'
import { freshRedis, redisUrl } from '../../test/support/services.ts'

const server = await redisUrl()
const FIVE = { limit: 5, period: 60_000 }
const NOW = 1_792_000_000_000

describe('against a server', { skip: 'skip' in server && server.skip }, () => {
  atomicContract('redis by URL', async () => {
    const { url, prefix, clear } = await freshRedis()
    const store = redisStore(url, { prefix })
    return { store, close: () => store.close().then(clear) }
  })

  atomicContract('redis on a client handed in, with RESP 2', async () => {
    const { url, prefix, clear } = await freshRedis()
    const client = await createClient({ url, RESP: 2 }).connect()
    const store = redisStore(client, { prefix })
    const close = async (): Promise<void> => {
      await store.close()
      assert.equal(await client.ping(), 'PONG')
      client.destroy()
      await clear()
    }
    return { store, close }
  })

  describe('redis', () => {
    let fresh: Awaited<ReturnType<typeof freshRedis>>
    const client = createClient({ url: 'url' in server ? server.url : '' })
    before(async () => {
      fresh = await freshRedis()
      await client.connect()
    })
    after(async () => {
      client.destroy()
      await fresh.clear()
    })

    it('sets an expiry on every key, a second behind the time of the caller', async () => {
      const { prefix } = fresh
      const store = redisStore(client, { prefix })
      await store.take('k', FIVE, NOW)
      await store.put('put', 'v', 5000, NOW)
      await store.incrementIf('count', 5, 5000, NOW)
      await store.reserve('reserve', 'me', 5000, NOW)
      await store.compareAndSwap('swap', undefined, 'v', 5000, NOW)
      for (const [key, most] of [
        ['r:k', 13_000],
        ['v:put', 6000],
        ['v:count', 6000],
        ['v:reserve', 6000],
        ['v:swap', 6000],
      ] as const) {
        const left = await client.pTTL(prefix + key)
        assert.ok(left > most - 1000 && left <= most, `${key} ${left}`)
      }
      assert.equal((await client.keys(`${prefix}*`)).length, 5)
    })

    it('loads a script again that the server has lost', async () => {
      let evaluated = 0
      const forgetful: RedisClient = {
        evalSha: (sha, options) => client.evalSha(sha === scripts.take.sha ? '0'.repeat(40) : sha, options),
        eval: (script, options) => client.eval(script, options).finally(() => evaluated++),
      }
      assert.equal((await redisStore(forgetful, { prefix: fresh.prefix }).take('script', FIVE, NOW)).remaining, 4)
      assert.equal(evaluated, 1)
    })

    it('reconnects by itself after a loss, and rejects quickly until then', async () => {
      const relay = await createRelay(new URL(fresh.url))
      const store = redisStore(`redis://127.0.0.1:${relay.port}`, { prefix: fresh.prefix })
      await store.put('relay', 'v', 60_000, NOW)
      await relay.cut()
      await assert.rejects(async () => store.get('relay', NOW))
      await relay.restore()
      await relay.used
      assert.equal(await eventually(() => store.get('relay', NOW)), 'v')
      await store.close()
      await relay.cut()
    })
  })
})

describe('redis without a server', () => {
  it('refuses what is no URL of Redis, and never repeats it', () => {
    for (const url of ['', 'http://u:hunter2@h', 'redis//u:hunter2@h']) {
      assert.throws(
        () => redisStore(url),
        (error: Error) => /no Redis URL/.test(error.message) && !error.message.includes('hunter2'),
        url,
      )
    }
  })

  it('rejects a verb when nobody is there, and closes', async () => {
    const relay = await createRelay(new URL('redis://127.0.0.1:1'))
    await relay.cut()
    const store = redisStore(`redis://:hunter2@127.0.0.1:${relay.port}`)
    for (let index = 0; index < 3; index++) {
      await assert.rejects(
        async () => store.take('k', FIVE, NOW),
        (error: Error) => !String(error).includes('hunter2'),
      )
    }
    await store.close()
    await assert.rejects(async () => store.get('k', NOW), /closed/i)
  })

  it('rejects when the server is silent, within its time', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] })
    const silent: RedisClient = { evalSha: () => new Promise(() => {}), eval: () => new Promise(() => {}) }
    const answer = Promise.resolve(redisStore(silent).take('k', FIVE, NOW))
    context.mock.timers.tick(500)
    await assert.rejects(answer, { code: 'store-unavailable', message: /500 ms/ })
  })

  it('passes an error of the server on, and refuses an answer that is none', async () => {
    const fails: RedisClient = {
      evalSha: async () => Promise.reject(new Error('OOM command not allowed')),
      eval: async () => null,
    }
    await assert.rejects(async () => redisStore(fails).take('k', FIVE, NOW), /OOM/)
    const strange: RedisClient = { evalSha: async () => 'strange', eval: async () => null }
    await assert.rejects(async () => redisStore(strange).take('k', FIVE, NOW), { code: 'store-unavailable' })
  })
})

/** A port of our own in front of the server, which can be cut and restored. `used`: when somebody connects after that. */
async function createRelay(target: URL) {
  let listening: Server | undefined
  const sockets = new Set<Socket>()
  const relay = { port: 0, used: Promise.resolve(), restore, cut }

  async function restore(): Promise<void> {
    const server = createServer((socket) => {
      const upstream = connect(Number(target.port), target.hostname)
      for (const each of [socket, upstream]) {
        sockets.add(each)
        each.on('error', () => {})
      }
      socket.pipe(upstream).pipe(socket)
    })
    listening = server
    relay.used = new Promise((resolve) => server.once('connection', () => resolve()))
    await new Promise<void>((resolve) => server.listen(relay.port, '127.0.0.1', resolve))
    relay.port = (server.address() as { port: number }).port
  }

  async function cut(): Promise<void> {
    const closed = new Promise((resolve) => listening?.close(resolve))
    for (const socket of sockets) socket.destroy()
    sockets.clear()
    await closed
  }

  await restore()
  return relay
}

/** Asks again, a turn of the event loop later, until the client has finished greeting the server. */
async function eventually<T>(ask: () => T | Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await ask()
    } catch (error) {
      if (attempt > 100_000) throw error
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}
