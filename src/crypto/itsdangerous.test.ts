import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createHmac } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { describe, it } from 'node:test'
import { createUnsigner, type SigningOptions } from './itsdangerous.ts'
import { Secret } from './secret.ts'

interface Vector extends Pick<SigningOptions, 'keyDerivation' | 'digest'> {
  readonly source: string
  readonly name: string
  readonly cookie: string
  readonly value: unknown
}
const file = join(import.meta.dirname, '../../test/vectors/flask-sessions.json')
const { secret, at, made } = JSON.parse(readFileSync(file, 'utf8')) as { secret: string; at: number; made: Vector[] }

const DAY = 86_400_000
const NOW = at * 1000 + DAY
const FLASK: SigningOptions = { secret, salt: 'cookie-session', keyDerivation: 'hmac', digest: 'sha1', maxAge: 31 * DAY }
const read = createUnsigner(FLASK)
const first = made[0]!.cookie

/** Signs as Flask does. */
function sign(payload: string, seconds = at, key = secret): string {
  const derived = createHmac('sha1', key).update('cookie-session').digest()
  const time = Buffer.alloc(4)
  time.writeUInt32BE(seconds)
  const text = `${payload}.${time.toString('base64url')}`
  return `${text}.${createHmac('sha1', derived).update(text).digest('base64url')}`
}

describe('what itsdangerous signed', () => {
  for (const { source, name, cookie, value, ...signer } of made) {
    it(`is read as ${source} wrote it: ${name}`, () => {
      const unsign = createUnsigner({ ...FLASK, ...signer, secret: new Secret(secret) })
      assert.deepEqual(unsign(cookie, NOW), { ok: true, value, signedAt: at * 1000 })
    })
  }

  it('is refused with another key, salt, digest, or one character changed, cut or added', () => {
    for (const other of [{ secret: `${secret}.` }, { salt: 'other' }, { digest: 'sha256' }, { keyDerivation: 'none' }] as const)
      assert.equal(createUnsigner({ ...FLASK, ...other })(first, NOW).ok, false, JSON.stringify(other))
    for (let at = 0; at < first.length; at++) {
      const changed = `${first.slice(0, at)}${first[at] === 'A' ? 'B' : 'A'}${first.slice(at + 1)}`
      for (const text of [changed, first.slice(at + 1), first.slice(0, at), `${first.slice(0, at)} ${first.slice(at)}`])
        assert.equal(read(text, NOW).ok, false, text)
    }
  })

  it('is refused when it is too old, or from a time to come', () => {
    assert.equal(read(first, at * 1000 + 31 * DAY - 1).ok, true)
    assert.deepEqual(read(first, at * 1000 + 31 * DAY), { ok: false, reason: 'expired' })
    assert.deepEqual(read(first, at * 1000 - 61_000), { ok: false, reason: 'expired' })
  })

  it('is nothing when it is empty, long, no JSON, no object, or inflates without end', () => {
    const deflated = (value: string) => `.${deflateSync(value).toString('base64url')}`
    const plain = (value: string) => Buffer.from(value).toString('base64url')
    assert.equal(read(sign(plain('{"a":1}')), NOW).ok, true)
    for (const payload of [plain('[1]'), plain('null'), plain('{'), '.AAAA', deflated(JSON.stringify({ a: 'x'.repeat(70_000) }))])
      assert.deepEqual(read(sign(payload), NOW), { ok: false, reason: 'malformed' }, payload.slice(0, 40))
    for (const text of ['', '.', '..', 'a.b', 'x'.repeat(9000)])
      assert.deepEqual(read(text, NOW), { ok: false, reason: 'malformed' })
  })
})
