import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { URI } from 'otpauth'
import { generateKey, parseKeyring } from '../../crypto/keyring.ts'
import { randomToken } from '../../crypto/random.ts'
import { readCode } from './index.ts'
import { codeOf, describeSecret, newSecret, openSecret, sealSecret, stepOf, totp } from './totp.ts'

const RFC_SECRET = Buffer.from('12345678901234567890')
const setting = { keys: parseKeyring(generateKey()) }

describe('codes of an authenticator app', () => {
  it('are those of RFC 6238, appendix B', () => {
    // The table has eight digits; six are the last six of them (RFC 4226 section 5.3).
    const table = [
      [59, '94287082'],
      [1_111_111_109, '07081804'],
      [1_111_111_111, '14050471'],
      [1_234_567_890, '89005924'],
      [2_000_000_000, '69279037'],
      [20_000_000_000, '65353130'],
    ] as const
    for (const [seconds, code] of table) assert.equal(codeOf(RFC_SECRET, Math.floor(seconds / 30)), code.slice(2))
  })

  it('fit one step before and after, and only after the last one used', () => {
    const now = 1_234_567_890_000
    const step = Math.floor(now / 30_000)
    for (const [away, found] of [
      [-2, undefined],
      [-1, step - 1],
      [0, step],
      [1, step + 1],
      [2, undefined],
    ] as const) {
      assert.equal(stepOf(RFC_SECRET, codeOf(RFC_SECRET, step + away), now, 0), found)
    }
    assert.equal(stepOf(RFC_SECRET, codeOf(RFC_SECRET, step), now, step), undefined)
    assert.equal(stepOf(RFC_SECRET, codeOf(RFC_SECRET, step + 1), now, step), step + 1)
  })

  it('are read with spaces and dashes, and nothing else is taken for one', () => {
    for (const typed of ['123456', ' 123 456 ', '123-456', '1 2 3 4 5 6']) assert.equal(totp.read(typed), '123456')
    for (const typed of [
      '',
      '12345',
      '1234567',
      '12345a',
      '１２３４５６',
      '+12345',
      '1e5000',
      '123456'.padEnd(100),
      '\u0000123456',
    ]) {
      assert.equal(totp.read(typed), undefined, typed)
    }
  })

  it('are never taken for a recovery code, nor the other way round, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80, unit: 'grapheme' }), (typed) => {
        const read = readCode(typed)
        assert.ok(read === undefined || read.code.length === (read.factor.kind === 'totp' ? 6 : 19))
      }),
    )
    assert.equal(readCode('123456')?.factor.kind, 'totp')
    assert.equal(readCode('abcd efgh jkmn pqrs')?.code, 'ABCD-EFGH-JKMN-PQRS')
  })
})

describe('the secret of an authenticator app', () => {
  it('has 160 bits, and opens for its own user alone', () => {
    const secret = newSecret(randomToken)
    assert.equal(secret.length, 20)
    const sealed = sealSecret(setting, 'u1', secret)
    assert.deepEqual(openSecret(setting, 'u1', sealed), secret)
    assert.throws(() => openSecret(setting, 'u2', sealed), { code: 'HF_KEYS_INVALID' })
    assert.throws(() => openSecret({ keys: parseKeyring(generateKey()) }, 'u1', sealed), { message: /unknown-key/ })
  })

  it('is opened with a key that was replaced, as long as it is in the ring', () => {
    const [old, next] = [generateKey('old'), generateKey('next')]
    const secret = newSecret(randomToken)
    const sealed = sealSecret({ keys: parseKeyring(old) }, 'u1', secret)
    assert.deepEqual(openSecret({ keys: parseKeyring(`${next},${old}`) }, 'u1', sealed), secret)
  })

  it('is described for apps in a way that they read, whatever the names are', () => {
    const secret = newSecret(randomToken)
    for (const [issuer, login] of [
      ['Acme: Sales & Co', 'bob@app.example'],
      ['x'.repeat(80), 'y'.repeat(254)],
      ['名'.repeat(80), '😀'.repeat(127)],
    ] as const) {
      const { text, uri } = describeSecret(secret, { issuer, login })
      assert.ok(uri.length <= 500, `${uri.length}`)
      const read = URI.parse(uri)
      assert.equal(read.secret.base32, text)
      assert.ok(issuer.replace(':', ' ').startsWith(read.issuer) && login.startsWith(read.label) && read.label !== '')
    }
  })
})
