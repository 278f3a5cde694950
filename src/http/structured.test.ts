import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sfInteger, sfItem, sfKey, sfString } from './structured.ts'

describe('structured fields', () => {
  it('quotes and escapes strings', () => {
    assert.equal(sfString(''), '""')
    assert.equal(sfString('a b~'), '"a b~"')
    assert.equal(sfString('a"b\\c'), '"a\\"b\\\\c"')
  })

  it('throws on text that is not printable ASCII (A97)', () => {
    for (const text of ['a\r\nb', '\0', '\t', 'é', '\x7f', '\u{1f600}']) assert.throws(() => sfString(text), TypeError, text)
  })

  it('writes integers of at most 15 digits', () => {
    assert.deepEqual([0, -0, -5, 999_999_999_999_999].map(sfInteger), ['0', '0', '-5', '999999999999999'])
    for (const value of [1.5, Number.NaN, Infinity, 1e15, -1e15]) assert.throws(() => sfInteger(value), TypeError)
  })

  it('writes items with parameters', () => {
    assert.equal(sfItem('default', { q: 100, w: 60, pk: 'x', on: true, off: false }), '"default";q=100;w=60;pk="x";on;off=?0')
    assert.equal(sfItem(true), '?1')
  })

  it('throws on keys that are none', () => {
    for (const key of ['', 'A', '1a', 'a b', 'a=b', 'a;', 'é']) assert.throws(() => sfKey(key), TypeError, key)
    assert.equal(sfKey('*a_b-c.1'), '*a_b-c.1')
    assert.throws(() => sfItem('x', { 'a;b': 1 }), TypeError)
  })
})
