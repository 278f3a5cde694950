import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { generateKey, parseKeyring } from '../crypto/keyring.ts'
import { Secret } from '../crypto/secret.ts'
import type { SecurityEvent } from '../engine/events.ts'
import { createHoldfast } from '../index.ts'
import { readPasswords, refuseSharedKeys, type PasswordsOptions } from './passwords.ts'

const hashing = { insecureParameters: { memory: 64, passes: 1, parallelism: 1 } }
const [own, one, two] = [generateKey('own'), generateKey('one'), generateKey('two')]
function read(options: PasswordsOptions) {
  const passwords = readPasswords({ hashing, ...options }, () => {})
  refuseSharedKeys(passwords.pepper, parseKeyring(own))
  return passwords
}

describe('the option passwords', () => {
  it('mixes a pepper in that rotates, and without which the hashes say nothing', async () => {
    const password = 'the kettle sings at noon'
    const stored = await read({ pepper: new Secret(one) }).hasher.hash(password)
    assert.match(stored, /,keyid=b25l\$/)
    assert.deepEqual(await read({ pepper: one }).hasher.verify(password, stored), { ok: true, rehash: false })
    assert.deepEqual(await read({ pepper: `${two},${one}` }).hasher.verify(password, stored), { ok: true, rehash: true })
    assert.deepEqual(await read({ pepper: two }).hasher.verify(password, stored), { ok: false, rehash: false })
    assert.deepEqual(await read({}).hasher.verify(password, stored), { ok: false, rehash: false })
  })

  it('refuses a pepper that is weak, given twice, or one of the other keys', () => {
    assert.throws(() => read({ pepper: '' }), { code: 'HF_KEYS_INVALID', message: /passwords.pepper/ })
    assert.throws(() => read({ pepper: 'one:aGVsbG8gd2VhayBrZXk' }), { code: 'HF_KEYS_INVALID' })
    const renamed = own.replace('own', 'another')
    for (const pepper of [own, renamed, `${one},${own}`])
      assert.throws(() => read({ pepper }), { code: 'HF_KEYS_INVALID', message: /in the key ring and in the pepper/ })
    assert.throws(() => read({ pepper: one, hashing: { ...hashing, pepper: parseKeyring(two) } }), { code: 'HF_OPTION_INVALID' })
  })

  it('refuses what cannot work, and names that do not exist', () => {
    assert.throws(() => read({ peper: one } as PasswordsOptions), { code: 'HF_OPTION_UNKNOWN', message: /Did you mean "pepper"/ })
    assert.throws(() => read({ imported: { salt: 'x' } as object }), { code: 'HF_OPTION_UNKNOWN' })
    assert.throws(() => read({ leaked: { onFailure: 'open', uri: '' } as { onFailure: 'open' } }), { code: 'HF_OPTION_UNKNOWN' })
    assert.throws(() => read({ leaked: {} as { onFailure: 'open' } }), { code: 'HF_OPTION_INVALID', message: /onFailure/ })
    assert.throws(() => read({ imported: { flaskSecuritySalt: '' } }), { code: 'HF_OPTION_INVALID' })
    assert.throws(() => read({ hashing: { concurrency: 0 } }), { code: 'HF_OPTION_INVALID' })
  })

  it('reads a history and an age, warns of the age, and refuses what is neither', () => {
    const said: string[] = []
    const { rules } = readPasswords({ hashing, history: 3, expiry: '90d' }, (message) => said.push(message))
    assert.deepEqual(rules, { history: 3, expiry: 90 * 86_400_000 })
    assert.match(said.join(), /NIST/)
    assert.deepEqual(read({}).rules, { history: 0 })
    for (const wrong of [
      { history: 25 },
      { history: -1 },
      { history: 1.5 },
      { expiry: '1h' },
      { expiry: 'soon' },
      { strengthHint: 'yes' },
    ])
      assert.throws(() => read(wrong as never), { code: 'HF_OPTION_INVALID' }, JSON.stringify(wrong))
  })

  it('says how strong a password is only where that is wanted', () => {
    assert.equal(read({}).strength, undefined)
    assert.equal(read({ strengthHint: true }).strength!('password123'), 0)
  })

  it('asks nobody about passwords unless told to', () => {
    assert.equal(read({}).leaks, undefined)
    assert.ok(read({ leaked: { onFailure: 'closed' } }).leaks)
  })
})

describe('a pepper in a running application', () => {
  it('moves hashes to the new key at sign-in, and without it nobody comes in and the operator is told', async () => {
    const data = mkdtempSync(join(tmpdir(), 'holdfast-pepper-'))
    const events: SecurityEvent[] = []
    const origin = { address: '192.0.2.7', network: '192.0.2.7', userAgent: 'test/1.0' }
    const password = new Secret('the kettle sings at noon')
    /** One life of the application: whether the user comes in, and by which key the hash is kept afterwards. */
    async function life(pepper: string | undefined, make = false): Promise<string> {
      const passwords: PasswordsOptions = { hashing, ...(pepper !== undefined && { pepper }) }
      const options = { origin: 'https://app.example', data, mode: 'test', passwords } as const
      const holdfast = await createHoldfast({ ...options, log: (event) => void events.push(event) })
      try {
        const { users, doors } = holdfast.accounts
        if (make) await users.create({ login: 'bob', password }, { kind: 'system', id: 'test' })
        const { ok } = await doors.password.signIn({ login: 'bob', password }, origin)
        const database = new DatabaseSync(join(data, 'holdfast.sqlite'), { readOnly: true })
        const { value } = database.prepare('SELECT value FROM hf_credentials').get() as { value: string }
        database.close()
        const id = /,keyid=([^$]+)/.exec(value)?.[1]
        return `${ok ? 'in' : 'out'} ${id === undefined ? 'none' : Buffer.from(id, 'base64').toString()}`
      } finally {
        await holdfast.stop()
      }
    }
    try {
      assert.equal(await life(one, true), 'in one')
      assert.equal(await life(`${two},${one}`), 'in two')
      assert.equal(await life(two), 'in two')
      events.length = 0
      assert.equal(await life(undefined), 'out two')
      const told = events.filter(
        ({ type, data }) => type === 'sys_insecure_setting' && String(data?.['message']).includes('pepper'),
      )
      assert.equal(told.length, 1)
    } finally {
      rmSync(data, { recursive: true })
    }
  })
})
