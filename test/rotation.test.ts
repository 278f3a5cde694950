/** Every key of the ring is replaced while people and programs go on, and nothing is lost: no session, no token, nothing sealed. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { SIGNING_KEY_PURPOSE } from '../src/accounts/tokens/signing-keys.ts'
import { generateKey, keyTime, parseKeyring } from '../src/crypto/keyring.ts'
import { randomToken } from '../src/crypto/random.ts'
import { Secret } from '../src/index.ts'
import { sealedColumns } from '../src/database/sealed-columns.ts'
import { reencrypt, sealedBy } from '../src/secrets/reencrypt.ts'
import { createOutbox } from '../src/store/outbox.ts'
import { sqlite } from '../src/store/sqlite.ts'
import { sealed as sealedTls } from '../src/tls/acme/sealed.ts'
import { databaseStorage } from '../src/tls/index.ts'
import { startApp, type TestApp } from './support/app.ts'
import { whoIs } from './support/browser.ts'
import { enrol, enters, FROM } from './support/enrolled.ts'

const SESSIONS = 200
const ENROLLED = 12
const MINUTE = 60_000
const folder = mkdtempSync(join(tmpdir(), 'holdfast-rotation-'))
const [OLD, NEXT] = [generateKey('old'), generateKey('next')]
after(() => rmSync(folder, { recursive: true, force: true }))

const start = (keys: string) =>
  startApp({
    options: {
      database: join(folder, 'shared.sqlite'),
      processes: 2,
      keys: new Secret(keys),
      accessTokens: { accept: 'everywhere', audiences: ['https://api.example'] },
      rateLimit: false, // all come from one address
    },
  })

describe('replacing the key ring', () => {
  it('loses no session, no token and nothing sealed, while requests run', { timeout: 110_000 }, async () => {
    await using before = await start(OLD)
    const cookies: string[] = []
    for (let index = 0; index < SESSIONS; index++) cookies.push((await before.signIn('member', `member-${index}`)).cookie)
    const enrolled = []
    for (let index = 0; index < ENROLLED; index++) enrolled.push(await enrol(before, `enrolled-${index}`))
    const begun = await before.holdfast.accounts.tokens.begin(
      { session: cookies[0]!.split('=')[1]!, client: 'Notes', keep: true },
      FROM,
    )
    assert.ok(begun.ok)
    const database = sqlite(join(folder, 'shared.sqlite'))
    const outbox = createOutbox({ database, keys: parseKeyring(OLD), random: randomToken, now: before.clock.now })
    await database.transaction((tx) => outbox.add(tx, 'nobody', 'a letter'))
    // The key of the account at the authority for certificates: read for the next order alone, months from now.
    const certificates = databaseStorage(database, { now: before.clock.now })
    await sealedTls(certificates, parseKeyring(OLD)).write('account', { key: 'of the account' })
    const sealed = (await sealedBy(database, sealedColumns)).map(({ column, keyId, rows }) => [column, keyId, rows > 0])
    assert.deepEqual(sealed, [
      ['hf_factors.value', 'old', true],
      ['hf_outbox.body', 'old', true],
      ['hf_signing_keys.value', 'old', true],
      ['hf_value.value', 'old', true],
    ])

    // Two processes that were restarted one after the other: both know the next key, and it is current a minute later.
    const from = Math.ceil((Date.now() + MINUTE) / 1000) * 1000
    const scheduled = `${OLD},${NEXT.replace(':', `@${keyTime(from)}:`)}`
    await using one = await start(scheduled)
    await using two = await start(scheduled)
    const everybody = async (app: TestApp) => {
      const found = []
      for (const cookie of cookies) found.push(await whoIs(app, cookie))
      return found.filter((who) => who === null).length
    }
    one.clock.advance(2 * MINUTE) // its clock is ahead: it seals with the next key while the other does not
    const keys = parseKeyring(scheduled, one.clock.now)
    assert.equal(keys.current, 'next')
    const [lostAtOne, lostAtTwo, result] = await Promise.all([
      everybody(one),
      everybody(two),
      reencrypt({ database, keys, columns: sealedColumns, batch: 2 }),
    ])
    assert.deepEqual([lostAtOne, lostAtTwo, result.unreadable, result.left], [0, 0, [], 0])
    two.clock.advance(2 * MINUTE)
    const refreshed = await two.holdfast.accounts.tokens.refresh(begun.refreshToken.reveal(), FROM)
    assert.ok(refreshed.ok)
    const admitted = await two.holdfast.accounts.tokens.admit(refreshed.accessToken.reveal(), two.clock.now())
    assert.equal(admitted.ok ? 'ok' : admitted.reason, 'ok')
    await using last = await start(NEXT)
    last.clock.advance(2 * MINUTE)
    assert.equal(await everybody(last), 0)
    for (const { login, secret } of enrolled) assert.equal(await enters(last, login, secret), true)
    for (const row of (await database.kysely.selectFrom('hf_signing_keys').selectAll().execute()) as Record<string, string>[])
      assert.ok(parseKeyring(NEXT).open(SIGNING_KEY_PURPOSE, row['value']!, [row['id']!, row['algorithm']!]).ok)
    const after = createOutbox({ database, keys: parseKeyring(NEXT), random: randomToken, now: last.clock.now })
    const rows = await database.kysely.selectFrom('hf_outbox').selectAll().where('channel', '=', 'nobody').execute()
    assert.equal(after.open(rows[0] as { id: string; channel: string; body: string }), 'a letter')
    assert.deepEqual(await sealedTls(certificates, parseKeyring(NEXT)).read('account'), { key: 'of the account' })
    await database.close()
  })
})
