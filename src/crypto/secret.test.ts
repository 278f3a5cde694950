/* oxlint-disable typescript/restrict-template-expressions, typescript/no-misused-spread -- what a careless line shows is what is tested */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { format, inspect } from 'node:util'
import { isSecret, reveal, Secret } from './secret.ts'

const value = 'correct horse battery staple'
const secret = new Secret(value)

describe('Secret', () => {
  it('reveals its value only when asked', () => {
    assert.equal(secret.reveal(), value)
    assert.equal(reveal(secret), value)
    assert.equal(reveal(value), value)
    assert.equal(new Secret({ a: 1 }).reveal().a, 1)
  })

  it('shows nothing in text, JSON, logs, errors, listings or copies', () => {
    const shown = [
      `${secret}`,
      secret + '',
      String(secret),
      JSON.stringify({ secret }),
      inspect(secret, { showHidden: true, depth: 9 }),
      format('%s %o %O %j %d', secret, secret, secret, secret, secret),
      inspect(new Error(`got ${secret}`, { cause: secret })),
      JSON.stringify({ ...secret }),
      inspect(structuredClone(secret), { showHidden: true }),
      inspect(Object.getOwnPropertyDescriptors(secret)),
      [secret].join(),
      Reflect.ownKeys(secret).join(),
    ]
    for (const text of shown) assert.ok(!text.includes('horse'), text)
    assert.equal(`${secret}`, '[secret]')
    assert.equal(JSON.stringify({ secret }), '{"secret":"[secret]"}')
    assert.ok(Number.isNaN(Number(secret)))
  })

  it('is compared by equals alone, with a text or with another one', () => {
    assert.equal(secret.equals(value), true)
    assert.equal(secret.equals(new Secret(value)), true)
    assert.equal(secret.equals(new Secret(`${value}!`)), false)
    assert.equal(secret.equals(''), false)
    // oxlint-disable-next-line eqeqeq -- what a careless line does is what is tested
    assert.equal((secret as unknown) == value, false)
    assert.throws(() => new Secret(7).equals(7), TypeError)
    const different: unknown = new Secret(value)
    assert.equal(secret === different, false)
  })

  it('cannot be changed or imitated', () => {
    assert.throws(() => Object.assign(secret, { reveal: () => 'other' }), TypeError)
    assert.equal(isSecret(secret), true)
    assert.equal(isSecret(structuredClone(secret)), false)
    for (const other of [Object.create(Secret.prototype), { reveal: () => '' }, null, undefined, 'text', 1])
      assert.equal(isSecret(other), false)
  })
})
