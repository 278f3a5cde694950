import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { holdfastCommand } from '../../../test/support/command.ts'
import { createHoldfast } from '../../index.ts'
import { Secret } from '../../crypto/secret.ts'

const root = mkdtempSync(join(tmpdir(), 'holdfast-apps-'))
let folders = 0
after(() => rmSync(root, { recursive: true }))

const PASSWORD = 'crimson kettle orbit lagoon'
const FROM = { address: '192.0.2.7', network: '192.0.2.7', userAgent: 'test' }

/** An application beside which the command works, on the same folder. */
async function installation() {
  const data = join(root, String(folders++))
  const log = join(root, `log-${folders}`)
  const clock = { now: Date.parse('2026-06-01T12:00:00Z') }
  const holdfast = await createHoldfast({
    origin: 'http://localhost:3000',
    data,
    mode: 'test',
    log: 'silent',
    now: () => clock.now,
    passwords: { hashing: { insecureParameters: { memory: 64, passes: 1, parallelism: 1 } } },
    accessTokens: { accept: ['/api/'] },
  })
  const { users, tokens, doors } = holdfast.accounts
  const made = await users.create({ login: 'ada', password: new Secret(PASSWORD) }, { kind: 'system', id: 'test' })
  assert.ok(made.ok)
  async function app(client: string) {
    const signedIn = await doors.password.signIn({ login: 'ada', password: new Secret(PASSWORD) }, FROM)
    assert.ok(signedIn.ok)
    const begun = await tokens.begin({ session: signedIn.token.reveal(), client }, FROM)
    assert.ok(begun.ok)
    return begun
  }
  const admitted = async (text: Secret) => (await tokens.admit(text.reveal(), clock.now)).ok
  return {
    ...{ app, admitted, clock, tokens, stop: () => holdfast.stop() },
    log: () => readFileSync(log, 'utf8'),
    holdfast: (...words: string[]) =>
      holdfastCommand(words, { environment: { HOLDFAST_DATA: data, HOLDFAST_LOG: log }, now: () => clock.now }),
  }
}

describe('holdfast apps', () => {
  it('lists the apps of a user and ends one, which is dead in the running application', async () => {
    const { app, admitted, holdfast, clock, log, stop } = await installation()
    const [phone, desk] = [await app('Phone'), await app('Desk')]
    assert.match((await holdfast('apps', 'list', 'ada')).out, /Phone +\* +2026-06-01/)
    const { apps } = JSON.parse((await holdfast('apps', 'list', 'ada', '--json')).out) as { apps: { id: string }[] }
    assert.equal(apps.length, 2)
    assert.equal((await holdfast('apps', 'end', 'ada', phone.app.id)).out, 'Ended 1 app.')
    assert.equal((await holdfast('apps', 'end', 'ada', phone.app.id)).code, 1)
    clock.now += 1000
    assert.deepEqual([await admitted(phone.accessToken), await admitted(desk.accessToken)], [false, true])
    assert.match((await holdfast('sessions', 'end', 'ada', '--all')).out, /^Ended 1 /)
    assert.equal((await holdfast('apps', 'list', 'ada')).out, 'No app.')
    assert.match(log(), /authn_token_revoked/)
    assert.equal((await holdfast('apps', 'list', 'nobody')).code, 1)
    assert.equal((await holdfast('apps', 'end', 'ada')).code, 2)
    await stop()
  })
})

describe('holdfast keys jwks', () => {
  it('lists the keys and lets the next one sign, without the key ring', async () => {
    const { app, admitted, holdfast, clock, tokens, log, stop } = await installation()
    assert.match((await holdfast('keys', 'jwks', 'list')).out, /^No key/)
    assert.equal((await holdfast('keys', 'jwks', 'rotate')).code, 1)
    const before = await app('Phone')
    const [first, second] = await tokens.published(clock.now)
    assert.match(
      (await holdfast('keys', 'jwks', 'list')).out,
      new RegExp(`${first!.kid} +EdDSA +current.*\\n${second!.kid} +EdDSA +next`),
    )
    assert.equal((await holdfast('keys', 'jwks', 'rotate')).out, `${second!.kid} signs from now on.`)
    clock.now += 1000
    assert.equal(await admitted(before.accessToken), true)
    await tokens.sweep(clock.now)
    assert.equal((await holdfast('keys', 'jwks', 'rotate', '--revoke', '--json')).code, 0)
    clock.now += 1000
    assert.deepEqual([await admitted(before.accessToken), await admitted((await app('Desk')).accessToken)], [false, true])
    assert.match(log(), /key_rotated/)
    for (const words of [['frob'], ['list', '--revoke'], []]) assert.equal((await holdfast('keys', 'jwks', ...words)).code, 2)
    await stop()
  })
})
