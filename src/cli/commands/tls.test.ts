import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { generateKey, parseKeyring } from '../../crypto/keyring.ts'
import { Secret } from '../../crypto/secret.ts'
import { migrate } from '../../store/migrate.ts'
import { sqlite } from '../../store/sqlite.ts'
import { migrations } from '../../index.ts'
import { createAuthority } from '../../tls/authority.ts'
import { sealed } from '../../tls/acme/sealed.ts'
import { databaseStorage, localCertificate } from '../../tls/index.ts'
import { run } from '../run.ts'
import { commands } from './index.ts'

const root = mkdtempSync(join(tmpdir(), 'holdfast-tls-command-'))
after(() => rmSync(root, { recursive: true, force: true }))
const DAY = 86_400_000

const call = (words: string, environment: Record<string, string>, now = Date.now()) =>
  run(commands, words.split(' '), { environment, now: () => now, warn: () => {}, readPassword: async () => new Secret('') })

describe('holdfast tls', () => {
  it('says how to trust the local authority, and changes nothing', async () => {
    const data = join(root, 'local')
    assert.equal((await call('tls trust', { HOLDFAST_DATA: data })).code, 3)
    const { caFile, ca } = await localCertificate(join(data, 'tls'))
    const before = readdirSync(join(data, 'tls')).map((name) => statSync(join(data, 'tls', name)).mtimeMs)
    const { code, out } = await call('tls trust', { HOLDFAST_DATA: data })
    assert.equal(code, 0)
    for (const text of [caFile, new X509Certificate(ca).fingerprint256, 'update-ca-certificates', 'Firefox', 'Windows', 'macOS'])
      assert.ok(out.includes(text), text)
    assert.deepEqual(
      readdirSync(join(data, 'tls')).map((name) => statSync(join(data, 'tls', name)).mtimeMs),
      before,
    )
    assert.equal((await call('tls trust', { HOLDFAST_DATA: data, HOLDFAST_TLS: 'off' })).code, 1)
  })

  it('shows names, days left and the chain, and that OCSP is gone', async () => {
    const data = join(root, 'show')
    await localCertificate(join(data, 'tls'))
    const { code, out } = await call('tls show', { HOLDFAST_DATA: data })
    assert.equal(code, 0)
    assert.match(out, /localhost, 127\.0\.0\.1, 0:0:0:0:0:0:0:1 +CN=Holdfast local \w+ +ec prime256v1 .* 824\n/)
    assert.match(out, /OCSP is gone/)
    const json = JSON.parse((await call('tls show --json', { HOLDFAST_DATA: data })).out) as { certificates: { days: number }[] }
    assert.deepEqual(
      json.certificates.map(({ days }) => days),
      [824, 824],
    )
    assert.equal((await call('tls show', { HOLDFAST_DATA: data }, Date.now() + 826 * DAY)).code, 1)
    const pair = await (await createAuthority(['shop.test', '127.0.0.1'], Date.now())).issue(['shop.test'])
    writeFileSync(join(root, 'cert.pem'), pair.cert)
    const files = `${join(root, 'cert.pem')},${join(root, 'key.pem')}`
    assert.match((await call('tls show', { HOLDFAST_DATA: data, HOLDFAST_TLS: files })).out, /shop\.test/)
    assert.match((await call('tls show', { HOLDFAST_DATA: data, HOLDFAST_TLS: 'off' })).out, /a proxy ends it/)
  })

  it('shows what ACME gave, and makes it due', async () => {
    const data = join(root, 'acme')
    const keys = generateKey()
    const settings = {
      ...{ HOLDFAST_DATA: data, HOLDFAST_KEYS: keys, HOLDFAST_ORIGIN: 'https://app.example.org' },
      ...{ HOLDFAST_TLS: 'acme', HOLDFAST_ACME_TERMS: 'agreed' },
    }
    await localCertificate(join(data, 'tls')) // makes the folder
    const database = sqlite(join(data, 'holdfast.sqlite'))
    await migrate(database, migrations)
    const store = sealed(databaseStorage(database), parseKeyring(keys))
    const pair = await (await createAuthority(['app.example.org', '127.0.0.1'], Date.now())).issue(['app.example.org'])
    await store.write('certificate', pair)
    const { fingerprint256 } = new X509Certificate(pair.cert)
    const at = Date.now() + 30 * DAY
    await store.write('renewal', { of: fingerprint256, at, askAt: 0, failures: 2, notBefore: at })
    const { out } = await call('tls show', settings)
    assert.match(out, /app\.example\.org/)
    assert.match(out, /Renewed at .*\nFailed 2 times; tried again from /)
    assert.ok(!out.includes('PRIVATE'))
    const now = Date.now()
    assert.equal((await call('tls renew', settings, now)).code, 0)
    const state = (await store.read('renewal')) as { at: number; failures: number; of: string }
    assert.deepEqual([state.at, state.failures, state.of], [now, 0, fingerprint256])
    assert.equal((await call('tls renew', { ...settings, HOLDFAST_KEYS: generateKey() })).code, 3)

    assert.equal((await call('tls renew --new-account-key', settings)).code, 1) // there is no account yet
    const account = { key: 'of the account', url: 'https://ca.example.org/1', directory: 'https://ca.example.org' }
    await store.write('account', account)
    const storage = databaseStorage(database)
    assert.ok(await storage.reserve('order', 'a host', 60_000, Date.now()))
    assert.equal((await call('tls renew --new-account-key', settings)).code, 1) // an order is under way
    await storage.release('order', 'a host')
    assert.equal((await call('tls renew --new-account-key', settings)).code, 0)
    const { next, ...rest } = (await store.read('account')) as { next: string }
    assert.deepEqual([rest, next.includes('PRIVATE KEY')], [account, true])
    assert.equal((await call('tls renew --new-account-key --new-account', settings)).code, 2)

    // The key ring was lost: what is left of the account and the certificate opens for nobody, and would keep the application from starting.
    const lost = { ...settings, HOLDFAST_KEYS: generateKey() }
    assert.match((await call('tls show', lost)).error, /holdfast tls renew --new-account/)
    assert.equal((await call('tls renew --new-account', lost)).code, 0)
    assert.deepEqual([await storage.read('account'), await storage.read('certificate')], [undefined, undefined])
    assert.equal((await call('tls show', lost)).code, 0)
    assert.equal((await call('tls renew', { HOLDFAST_DATA: data })).code, 1)
    await database.close()
  })
})
