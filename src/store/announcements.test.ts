import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, it } from 'node:test'
import { createClient } from 'redis'
import { freshPostgres, freshRedis, postgresUrl, redisUrl } from '../../test/support/services.ts'
import { randomToken } from '../crypto/random.ts'
import { createAnnouncements, type Announcements, type Channel } from './announcements.ts'
import { postgres } from './postgres.ts'
import { redisStore } from './redis.ts'

const [postgresServer, redisServer] = [await postgresUrl(), await redisUrl()]

/** Waits for what comes from elsewhere; fails the test when it does not come at all. */
async function eventually(what: string, holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 3000; tries++) {
    if (holds()) return
    await pause(10)
  }
  assert.fail(`${what} did not happen.`)
}

function listen(channel: Channel | undefined) {
  assert.ok(channel)
  const said: string[] = []
  let heard = 0
  const announcements = createAnnouncements(channel, {
    random: randomToken,
    onLost: () => void said.push('lost'),
    onBack: () => void said.push('back'),
  })
  announcements.listen(() => void heard++)
  return { announcements, said, heard: () => heard }
}

/** A channel of this process whose wire a test can cut. */
function fakeChannel({ deaf = false } = {}) {
  const open = new Set<{ heard(text: string): void; lost(): void }>()
  const published: string[] = []
  const state = { refuses: false, deaf }
  const channel: Channel = {
    async open(on) {
      if (state.refuses) throw new Error('refused')
      open.add(on)
      return { close: async () => void open.delete(on) }
    },
    async publish(text) {
      published.push(text)
      if (!state.deaf) for (const { heard } of open) heard(text)
    },
  }
  const cut = () => {
    for (const on of [...open]) {
      open.delete(on)
      on.lost()
    }
  }
  return { channel, published, state, cut }
}

/** What must hold on every store that can tell. */
function announcementsContract(
  name: string,
  open: () => Promise<{ one: Channel; other: Channel; close(): Promise<unknown> }>,
  skip: string | false,
): void {
  describe(`announcements through ${name}`, { skip }, () => {
    it('reach another process, and say when they do', async () => {
      const { one, other, close } = await open()
      const [here, there] = [listen(one), listen(other)]
      await eventually('being live', () => here.announcements.live() && there.announcements.live())
      const before = there.heard()
      here.announcements.announce()
      await eventually('hearing', () => there.heard() > before)
      await here.announcements.close()
      await there.announcements.close()
      assert.deepEqual([here.announcements.live(), here.said, there.said], [false, [], []])
      await close()
    })

    it('come from one that does not listen itself, before it closes', async () => {
      const { one, other, close } = await open()
      const there = listen(other)
      await eventually('being live', () => there.announcements.live())
      const before = there.heard()
      const nothing = () => {}
      const command = createAnnouncements(one, { random: randomToken, onLost: nothing, onBack: nothing, listens: false })
      command.announce()
      await command.close()
      await eventually('hearing', () => there.heard() > before)
      await there.announcements.close()
      await close()
    })
  })
}

announcementsContract(
  'PostgreSQL',
  async () => {
    const database = await freshPostgres()
    const other = postgres(database.url, { poolSize: 1 })
    return { one: database.channel!, other: other.channel!, close: () => other.close().then(database.close) }
  },
  'skip' in postgresServer && postgresServer.skip,
)

announcementsContract(
  'Redis',
  async () => {
    const { url, prefix, clear } = await freshRedis()
    const client = await createClient({ url }).connect()
    const [one, other] = [redisStore(url, { prefix }), redisStore(client, { prefix })]
    const close = async () => {
      await one.close()
      client.destroy()
      await clear()
    }
    return { one: one.channel!, other: other.channel!, close }
  },
  'skip' in redisServer && redisServer.skip,
)

describe(
  'announcements through PostgreSQL that lose their connection',
  { skip: 'skip' in postgresServer && postgresServer.skip },
  () => {
    it('are not live until a new one stands, and say both', async () => {
      const database = await freshPostgres()
      const { announcements, said } = listen(database.channel)
      await eventually('being live', () => announcements.live())
      const listeners = `SELECT pg_terminate_backend(pid) AS gone FROM pg_stat_activity WHERE query LIKE 'LISTEN hf_%' AND query = (
      SELECT 'LISTEN hf_' || substr(encode(sha256(current_schema()::text::bytea), 'hex'), 1, 32))`
      assert.equal((await database.statement(listeners).all()).length, 1)
      await eventually('coming back', () => said.includes('back'))
      assert.deepEqual([said, announcements.live()], [['lost', 'back'], true])
      await announcements.close()
      await database.close()
    })
  },
)

describe('announcements', () => {
  it('become few when many are made in a row, and the last one is never left out', async () => {
    const { channel, published } = fakeChannel()
    const { announcements } = listen(channel)
    await eventually('being live', () => announcements.live())
    published.length = 0
    for (let i = 0; i < 100; i++) announcements.announce()
    await announcements.close()
    assert.ok(published.length >= 1 && published.length <= 2, `${published.length}`)
  })

  it('are not live before somebody has heard themselves: a pooler may swallow LISTEN', async () => {
    const { channel, published } = fakeChannel({ deaf: true })
    const { announcements } = listen(channel)
    await eventually('asking', () => published.length > 0)
    assert.equal(announcements.live(), false)
    await announcements.close()
  })

  it('wake the listener when they come back: what was said meanwhile is lost', async () => {
    const { channel, state, cut } = fakeChannel()
    const { announcements, heard, said } = listen(channel)
    await eventually('being live', () => announcements.live())
    state.refuses = true
    cut()
    assert.equal(announcements.live(), false)
    const before = heard()
    state.refuses = false
    await eventually('coming back', () => announcements.live())
    assert.ok(heard() > before)
    assert.deepEqual(said, ['lost', 'back'])
    await announcements.close()
  })

  it('throw nothing when nobody can be told', async () => {
    const channel: Channel = { open: () => Promise.reject(new Error('gone')), publish: () => Promise.reject(new Error('gone')) }
    const { announcements, said } = listen(channel)
    announcements.announce()
    await eventually('being lost', () => said.includes('lost'))
    await announcements.close()
    const unused: Announcements = announcements
    assert.equal(unused.live(), false)
  })

  it('are there where a store has a way, and nowhere else', () => {
    const small = { evalSha: async () => 1, eval: async () => 1 }
    assert.equal(redisStore(small).channel, undefined)
    assert.ok(redisStore('redis://127.0.0.1:1').channel)
  })
})
