import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { inspect } from 'node:util'
import { JWT, ROLE, ROOT, vaultServer, type VaultServer } from '../../test/support/vault-server.ts'
import { Secret } from '../crypto/secret.ts'
import { race } from '../testing/race.ts'
import { needSecret, SecretsError } from './source.ts'
import { vaultSecrets, type VaultOptions } from './vault.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-vault-'))
after(() => rmSync(folder, { recursive: true }))

function source(server: VaultServer, options: Partial<VaultOptions> = {}) {
  const insecureAllowHosts = { hosts: [server.host], reason: 'the server of this test', until: '2999-01-01' }
  return vaultSecrets({
    ...{ address: `http://${server.host}`, auth: { token: new Secret(ROOT) }, path: 'apps/shop' },
    outbound: { insecureAllowHosts },
    ...options,
  })
}

describe('secrets from Vault', () => {
  it('are read from the key-value engine with a token', async () => {
    await using server = await vaultServer()
    server.data.set('secret/apps/shop', { STRIPE_KEY: 'sk_live', number: 7 })
    assert.equal((await source(server).get('STRIPE_KEY'))!.reveal(), 'sk_live')
    assert.deepEqual(server.asked, ['GET /v1/secret/data/apps/shop'])
    assert.equal(await source(server).get('NONE'), undefined)
    assert.equal(await source(server).get('constructor'), undefined)
    await assert.rejects(source(server).get('number'), /is no text/)
    await assert.rejects(needSecret(source(server), 'NONE'), { message: /There is no secret NONE in localhost/ })
  })

  it('are read at another mount and in a namespace, and are none where nothing was written or it was deleted', async () => {
    await using server = await vaultServer()
    server.data.set('team/kv/apps/shop', { A: 'b' })
    server.data.set('secret/gone', undefined)
    assert.equal((await source(server, { mount: 'kv', namespace: 'team' }).get('A'))!.reveal(), 'b')
    assert.equal(await source(server).get('A'), undefined)
    assert.equal(await source(server, { path: 'gone' }).get('A'), undefined)
  })

  it('are read with AppRole and with a service account of Kubernetes, signed in once as long as the token lives', async () => {
    await using server = await vaultServer()
    server.data.set('secret/apps/shop', { A: 'b' })
    const jwtFile = join(folder, 'jwt')
    writeFileSync(jwtFile, `${JWT}\n`)
    for (const [auth, mount] of [
      [ROLE, 'approle'],
      [{ role: 'shop', jwtFile }, 'kubernetes'],
    ] as const) {
      let now = 0
      const vault = source(server, { auth, now: () => now })
      server.asked.length = 0
      for (let times = 0; times < 2; times++) assert.equal((await vault.get('A'))!.reveal(), 'b')
      const [signIn, read] = [`POST /v1/auth/${mount}/login`, 'GET /v1/secret/data/apps/shop']
      assert.deepEqual(server.asked, [signIn, read, read])
      now = 480_000
      await vault.get('A')
      assert.deepEqual(server.asked.slice(3), [signIn, read])
      server.tokens.clear() // revoked
      assert.equal((await vault.get('A'))!.reveal(), 'b')
    }
  })

  it('are read from an engine of version 1, and every request says that it was meant', async () => {
    await using server = await vaultServer()
    server.data.set('v1:kv/apps/shop', { A: 'b', number: 7 })
    const vault = source(server, { mount: 'kv', version: 1 })
    assert.equal((await vault.get('A'))!.reveal(), 'b')
    assert.equal(server.head['x-vault-request'], 'true')
    assert.equal(await vault.get('NONE'), undefined)
    await assert.rejects(vault.get('number'), /is no text/)
    assert.deepEqual(server.asked[0], 'GET /v1/kv/apps/shop')
    assert.throws(() => source(server, { version: 3 as never }), /Write 1 or 2/)
  })

  it('are read by many at once with one sign-in, also of a role whose secret id is good for one, which is renewed from then on', async () => {
    await using server = await vaultServer()
    server.data.set('secret/apps/shop', { A: 'b' })
    Object.assign(server, { signIns: 1, renewable: true })
    let now = 0
    const vault = source(server, { auth: ROLE, now: () => now })
    for (const count of [1, 2]) {
      const found = await race(10, async () => (await vault.get('A'))?.reveal())
      assert.deepEqual(new Set(found), new Set(['b']))
      assert.equal(server.asked.filter((line) => line.startsWith('POST')).length, count)
      now += 480_000
    }
    assert.equal(server.asked.filter((line) => line.endsWith('/renew-self')).length, 1)
    // It lives as long as it may: another sign-in is tried, and its refusal is said.
    server.renewable = false
    await assert.rejects(vault.get('A'), /400 to the sign-in/)
    server.signIns = 1
    assert.equal((await vault.get('A'))!.reveal(), 'b')
    server.tokens.clear()
    server.signIns = 1
    assert.deepEqual(new Set(await race(10, async () => (await vault.get('A'))?.reveal())), new Set(['b']))
  })

  it('are refused with words that hold neither token nor secret', async () => {
    await using server = await vaultServer()
    server.data.set('secret/apps/shop', { A: 'b' })
    const wrong = { roleId: ROLE.roleId, secretId: 'wrong-secret-id' }
    for (const [auth, words] of [
      [{ token: 'hvs.unknown-token' }, /Vault answered 403 to apps\/shop/],
      [wrong, /Vault answered 400 to the sign-in/],
      [{ role: 'shop', jwtFile: join(folder, 'none') }, /cannot be read/],
    ] as const) {
      const error = await source(server, { auth })
        .get('A')
        .catch((caught: unknown) => caught)
      assert.ok(error instanceof SecretsError && words.test(error.message), String(error))
      assert.doesNotMatch(inspect(error, { depth: 9 }), /hvs\.unknown|wrong-secret/)
    }
    for (const broken of [
      { status: 503, body: '{"errors":["Vault is sealed"]}' },
      { status: 429, body: '{"errors":["rate limit quota exceeded"]}' },
      { status: 200, body: '{"data": {"data": {"A": "sk_live' },
      { status: 307, body: '', head: { location: `http://${server.host}/v1/secret/data/other` } },
    ]) {
      server.broken = broken
      const error = await source(server)
        .get('A')
        .catch((caught: unknown) => caught)
      assert.ok(error instanceof SecretsError, String(error))
      assert.doesNotMatch(inspect(error, { depth: 9 }), /sk_live|root-token/)
    }
    assert.ok(!server.asked.some((line) => line.includes('other')))
  })

  it('are not asked for without TLS, at a path or an address that leads elsewhere', async () => {
    await using server = await vaultServer()
    assert.throws(() => source(server, { outbound: {} }), /not an https address/)
    for (const address of ['https://vault.example/v1', 'https://a:b@vault.example', 'vault', 'ftp://vault.example'])
      assert.throws(() => vaultSecrets({ address, auth: { token: 't' }, path: 'a' }), SecretsError)
    for (const path of ['../sys/seal', 'a//b', '/a', 'a?b', '']) assert.throws(() => source(server, { path }), SecretsError)
    await assert.rejects(source(server).get('../x'), SecretsError)
  })
})
