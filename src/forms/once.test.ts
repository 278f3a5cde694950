import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startApp } from '../../test/support/app.ts'
import { openPage, postForm } from '../../test/support/form-client.ts'
import { race } from '../../test/support/race.ts'
import { freshPostgres, freshRedis, postgresUrl, redisUrl } from '../../test/support/services.ts'
import { generateKey, parseKeyring } from '../crypto/keyring.ts'
import { randomToken } from '../crypto/random.ts'
import type { Carried } from '../engine/carrier.ts'
import { memoryStore } from '../store/memory.ts'
import { migrate } from '../store/migrate.ts'
import { redisStore } from '../store/redis.ts'
import { atomicMigrations, sqlStore } from '../store/sql-atomic.ts'
import { sqlite } from '../store/sqlite.ts'
import type { AtomicStore } from '../store/atomic.ts'
import { issueOnce, useOnce } from './once.ts'

const NOW = 1_792_000_000_000
const MINUTE = 60_000
const PAY = { form: 'pay', life: 30 * MINUTE }

interface Opened {
  readonly store: AtomicStore
  close(): unknown
}

/** A request of `visitor` at `time`, with nothing but what tokens need. */
function visits(once: AtomicStore) {
  const keys = parseKeyring(generateKey(), () => NOW)
  return (visitor: string, time = NOW): Carried =>
    ({
      guard: { forms: { keys, once, random: randomToken } },
      x: { time, head: new Map(), get: () => ({ visitor: () => visitor }) },
    }) as unknown as Carried
}

const STORES: Readonly<Record<string, { readonly skip?: string | false; open(): Promise<Opened> }>> = {
  memory: { open: async () => ({ store: memoryStore(), close: () => {} }) },
  sqlite: {
    async open() {
      const database = sqlite()
      await migrate(database, atomicMigrations)
      return { store: sqlStore(database), close: () => database.close() }
    },
  },
  postgres: {
    skip: await skipped(postgresUrl()),
    async open() {
      const database = await freshPostgres()
      await migrate(database, atomicMigrations)
      return { store: sqlStore(database), close: () => database.close() }
    },
  },
  redis: {
    skip: await skipped(redisUrl()),
    async open() {
      const { url, prefix, clear } = await freshRedis()
      const store = redisStore(url, { prefix })
      return { store, close: () => store.close().then(clear) }
    },
  },
}

async function skipped(service: ReturnType<typeof redisUrl>): Promise<string | false> {
  const found = await service
  return 'skip' in found && found.skip
}

for (const [name, { skip = false, open }] of Object.entries(STORES)) {
  describe(`a form that is good once, on ${name}`, { skip }, () => {
    it('is done for exactly one of twenty who send it at once, and again after it was given back', async () => {
      const { store, close } = await open()
      const visit = visits(store)
      const token = issueOnce(visit('mira'), PAY)
      const used = await race(20, () => useOnce(visit('mira'), PAY, token))
      const won = used.filter((each) => each.ok)
      assert.equal(won.length, 1)
      assert.deepEqual(new Set(used.filter((each) => !each.ok).map(({ reason }) => reason)), new Set(['sent-already']))
      await won[0]!.ticket.undo()
      const second = await race(20, () => useOnce(visit('mira'), PAY, token))
      assert.equal(second.filter(({ ok }) => ok).length, 1)
      await second.find((each) => each.ok)!.ticket.done('/payments/7')
      assert.deepEqual(await useOnce(visit('mira'), PAY, token), { ok: false, reason: 'sent-already', result: '/payments/7' })
      await close()
    })
  })
}

describe('a token of a form', () => {
  const reasonOf = async (carried: Carried, sent: string | undefined, once = PAY) => {
    const used = await useOnce(carried, once, sent)
    return used.ok ? 'ok' : used.reason
  }

  it('is for its visitor, its form, its time and these keys', async () => {
    const visit = visits(memoryStore())
    const token = issueOnce(visit('mira'), PAY)
    assert.equal(await reasonOf(visit('tomas'), token), 'forged')
    assert.equal(await reasonOf(visit('mira'), token, { ...PAY, form: 'other' }), 'forged')
    assert.equal(await reasonOf(visits(memoryStore())('mira'), token), 'forged')
    assert.equal(await reasonOf(visit('mira', NOW + PAY.life), token), 'expired')
    assert.equal(await reasonOf(visit('mira', NOW + PAY.life - 1), token), 'ok')
  })

  it('is refused when it is missing, cut, changed or not one at all', async () => {
    const visit = visits(memoryStore())
    const token = issueOnce(visit('mira'), PAY)
    assert.equal(await reasonOf(visit('mira'), undefined), 'missing')
    const [nonce, , mac] = token.split('.')
    const later = `${nonce}.${(NOW + MINUTE).toString(36)}.${token.split('.').slice(2).join('.')}`
    for (const sent of ['', 'x', token.slice(1), `${token}x`, later, `${nonce}..${mac}`, '__proto__', 'a'.repeat(100_000)])
      assert.equal(await reasonOf(visit('mira'), sent), 'forged', sent.slice(0, 50))
  })

  it('is another for each page: two tabs do not meet', async () => {
    const visit = visits(memoryStore())
    const [one, two] = [issueOnce(visit('mira'), PAY), issueOnce(visit('mira'), PAY)]
    assert.notEqual(one, two)
    assert.deepEqual([await reasonOf(visit('mira'), one), await reasonOf(visit('mira'), two)], ['ok', 'ok'])
    assert.deepEqual([await reasonOf(visit('mira'), one), await reasonOf(visit('mira'), two)], ['sent-already', 'sent-already'])
  })
})

describe('a page of a form that is good once', () => {
  it('is not used up by what is wrong with a field, and is told where the result is when it was done', async () => {
    await using app = await startApp()
    const { hidden, cookie } = await openPage(app, '/payment')
    assert.equal((await postForm(app, '/payment', { ...hidden, to: '' }, cookie)).status, 422)
    assert.equal((await postForm(app, '/payment', { ...hidden, to: 'Mira' }, cookie)).status, 200)
    const again = await postForm(app, '/payment', { ...hidden, to: 'Mira' }, cookie)
    assert.equal(again.status, 409)
    assert.match(again.text, /<a href="\/done\/1">[^<]*is done once/)
  })

  it('comes back with a new token and what was typed when it was open for too long, or never had one', async () => {
    await using app = await startApp()
    const { hidden, cookie } = await openPage(app, '/payment')
    app.clock.advance(30 * MINUTE)
    for (const sent of [hidden, { ...hidden, _once: '' }, { amount: hidden['amount']! }]) {
      const { status, text } = await postForm(app, '/payment', { ...sent, to: 'Mira' }, cookie)
      assert.equal(status, 422)
      assert.match(text, /open for too long[^]*name="to"[^>]*value="Mira"/)
      assert.notEqual(/name="_once" value="([^"]+)"/.exec(text)?.[1], hidden['_once'])
    }
    assert.deepEqual(
      app.events.filter(({ type }) => type === 'input_validation_fail').map(({ data }) => data?.['reason']),
      ['form-expired', 'form-forged', 'form-missing'],
    )
    assert.equal(app.state.forms.accepted.length, 0)
  })

  it('is for one session: what another one sends with it is not done', async () => {
    await using app = await startApp()
    const [mira, tomas] = [await app.signIn('member', 'mira'), await app.signIn('member', 'tomas')]
    const { hidden } = await openPage(app, '/payment', mira.cookie)
    const headers = { origin: app.origin, 'sec-fetch-site': 'same-origin' }
    const send = (cookie: string) =>
      app.fetch('/payment', {
        method: 'POST',
        headers: { ...headers, cookie, 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ ...hidden, to: 'Tomas' }).toString(),
      })
    assert.equal((await send(tomas.cookie)).status, 422)
    assert.equal((await send(mira.cookie)).status, 200)
  })
})
