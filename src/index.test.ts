import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { SecurityEvent } from './engine/events.ts'
import { createHoldfast, HoldfastError, Secret, type HoldfastOptions } from './index.ts'
import { generateKey } from './crypto/keyring.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-index-'))
after(() => rmSync(folder, { recursive: true, force: true }))

let made = 0
const data = () => join(folder, String(made++))
const start = (options: Partial<HoldfastOptions> = {}) =>
  createHoldfast({ origin: 'https://app.example', data: data(), log: 'silent', ...options })

describe('createHoldfast', () => {
  it('needs an origin and nothing else, and makes its keys and database once', async () => {
    const home = data()
    const first = await start({ data: home })
    await first.stop()
    const keys = readFileSync(join(home, 'keys'), 'utf8')
    assert.equal(statSync(join(home, 'keys')).mode & 0o777, 0o600)
    assert.equal(statSync(home).mode & 0o777, 0o700)
    assert.ok(existsSync(join(home, 'holdfast.sqlite')))
    const second = await start({ data: home })
    await second.stop()
    assert.equal(readFileSync(join(home, 'keys'), 'utf8'), keys)
  })

  it('says what is wrong, and what to do, before it opens anything', async () => {
    const refusals: [Partial<HoldfastOptions>, string, RegExp][] = [
      [{ origin: 'http://app.example' }, 'HF_OPTION_INVALID', /Use https/],
      [{ rateLimt: {} } as never, 'HF_CONTROL_UNKNOWN', /Did you mean "rateLimit"/],
      [{ session: { idel: '5m' } } as never, 'HF_OPTION_UNKNOWN', /Did you mean "idle"/],
      [{ csrf: false, mode: 'production' }, 'HF_OPTION_INSECURE', /insecureOff/],
      [{ cors: { origins: ['*'], credentials: true } }, 'HF_OPTION_INVALID', /credentials/],
      [{ public: ['/a/*'] }, 'HF_OPTION_INVALID', /patterns/],
      [{ processes: 0 }, 'HF_OPTION_INVALID', /whole number/],
      [{ processes: 2, database: ':memory:' }, 'HF_STORE_UNSAFE', /share/],
    ]
    for (const [options, code, message] of refusals) await assert.rejects(start(options), { code, message })
  })

  it('refuses weak keys without printing them', async () => {
    await assert.rejects(
      start({ keys: 'k1:c2VjcmV0' }),
      (error: HoldfastError) => error.code === 'HF_KEYS_INVALID' && !error.message.includes('c2VjcmV0'),
    )
    const holdfast = await start({ keys: new Secret(generateKey()) })
    await holdfast.stop()
  })

  it('announces its controls, and each one that is off with the reason', async () => {
    const events: SecurityEvent[] = []
    const holdfast = await start({
      log: (event) => void events.push(event),
      cors: { insecureOff: { reason: 'the gateway answers preflights', until: '2099-01-01' } },
    })
    assert.ok(!holdfast.controls.includes('cors'))
    assert.equal(holdfast.findings.find(({ id }) => id === 'HF-OFF-cors')?.severity, 'high')
    await holdfast.stop()
    await holdfast.stop()
    assert.deepEqual(
      events.map(({ type }) => type).filter((type) => !type.startsWith('sys_audit_')),
      ['sys_startup', 'sys_insecure_setting', 'key_created', 'sys_shutdown'],
    )
  })

  it('does not know requests that did not pass through it', async () => {
    const holdfast = await start()
    assert.throws(() => holdfast.of({}), { code: 'HF_EXCHANGE_MISSING' })
    await holdfast.stop()
  })

  it('keeps two in one process apart', async () => {
    const [one, other] = [await start(), await start()]
    await one.accounts.users.create(
      { login: 'ada', password: new Secret('a walrus sings at four'), roles: [] },
      { kind: 'system', id: 'test' },
    )
    assert.equal(await one.accounts.users.count(), 1)
    assert.equal(await other.accounts.users.count(), 0)
    await Promise.all([one.stop(), other.stop()])
  })
})
