import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { decodeString, encodeString } from './stored-string.ts'

const strings = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
  fc.constantFrom('', '\0', '\u0001', '\u00016100', '\ud800', '\udc00\ud800'),
)

describe('strings for SQL and Redis', () => {
  it('come back as they were, and are well-formed and without NUL on the way', () => {
    fc.assert(
      fc.property(strings, (text) => {
        const stored = encodeString(text)
        assert.equal(decodeString(stored), text)
        assert.ok(stored.isWellFormed() && !stored.includes('\0'))
      }),
    )
  })

  it('are told apart', () => {
    fc.assert(fc.property(strings, strings, (a, b) => (encodeString(a) === encodeString(b)) === (a === b)))
  })

  it('are left as they are when nothing is odd about them', () => {
    assert.equal(encodeString('ip:192.0.2.1 é \u{1f600}'), 'ip:192.0.2.1 é \u{1f600}')
  })
})
