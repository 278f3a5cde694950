import assert from 'node:assert/strict'
import { createSecretKey } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { equal } from './equal.ts'
import { sha256 } from './hash.ts'
import { hmac, hmacBytes } from './hmac.ts'

describe('hash, hmac and equal', () => {
  it('gives the SHA-256 of FIPS 180-4', () => {
    const abc = Buffer.from('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', 'hex').toString('base64url')
    assert.equal(sha256('abc'), abc)
    assert.equal(sha256(Buffer.from('abc')), abc)
    assert.equal(sha256('').length, 43)
  })

  it('gives the HMAC of RFC 4231, test case 2', () => {
    const expected = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'
    const key = Buffer.from('Jefe')
    assert.equal(hmacBytes(key, 'what do ya want for nothing?').toString('hex'), expected)
    assert.equal(hmac(createSecretKey(key), 'what do ya want for nothing?'), Buffer.from(expected, 'hex').toString('base64url'))
  })

  it('agrees with === for any two texts, of any lengths', () => {
    const text = fc.string({ unit: 'binary' })
    fc.assert(fc.property(text, text, (a, b) => equal(a, b) === (a === b)))
    fc.assert(fc.property(text, (a) => equal(a, a) && !equal(a, `${a}x`) && !equal(`${a}x`, a)))
    assert.equal(equal('', ''), true)
    assert.equal(equal('', 'x'), false)
  })

  it('tells apart texts that UTF-8 cannot write', () => {
    assert.equal(equal('\ud800', '\udfff'), false)
    assert.equal(equal('\ud800', '\ufffd'), false)
  })
})
