import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assertFieldValue, isFieldValue, isToken, tokenList } from './field.ts'

describe('isToken', () => {
  it('accepts names of fields and methods', () => {
    for (const token of ['GET', 'content-type', 'X_Forwarded_For', "!#$%&'*+-.^_`|~9"]) assert.equal(isToken(token), true, token)
  })

  it('refuses the empty text, separators, controls and other scripts', () => {
    for (const text of ['', 'a b', 'a:b', 'a,b', 'a"', 'a\r\nb', 'a\0', 'é', '\u00a0x', '(x)', 'a/b'])
      assert.equal(isToken(text), false, text)
  })
})

describe('isFieldValue', () => {
  it('accepts printable text, inner spaces and tabs, obs-text, and the empty value', () => {
    for (const value of ['', 'a', 'a b', 'a\tb', '"x"; y', 'caf\u00e9', '\u00ff']) assert.equal(isFieldValue(value), true, value)
  })

  it('refuses what splits or hides: CR, LF, NUL, controls, DEL, wide characters, outer blanks', () => {
    for (const value of [
      'a\rb',
      'a\nb',
      'a\r\nSet-Cookie: x=y',
      '\0',
      '\x1b[0m',
      'a\x7f',
      '\u0100',
      '\u560a',
      ' a',
      'a ',
      '\ta',
      ' ',
    ]) {
      assert.equal(isFieldValue(value), false, JSON.stringify(value))
    }
  })
})

describe('assertFieldValue', () => {
  it('says where the bad character stands and never repeats the value', () => {
    assert.throws(
      () => assertFieldValue('Location', 'secret\r\nSet-Cookie: a=b'),
      (error: unknown) =>
        error instanceof TypeError && /Location.*U\+000D at position 6/.test(error.message) && !error.message.includes('secret'),
    )
  })

  it('refuses a name that is no token and lets a good pair pass', () => {
    assert.throws(() => assertFieldValue('X-A\n', 'v'), /token/)
    assert.doesNotThrow(() => assertFieldValue('X-A', 'v'))
  })
})

describe('tokenList', () => {
  it('gives the lower-cased members and skips empty ones', () => {
    assert.deepEqual(tokenList('Content-Type, X-A ,,\tx-b'), ['content-type', 'x-a', 'x-b'])
    assert.deepEqual(tokenList(''), [])
  })

  it('refuses members that are no tokens and more than the maximum', () => {
    assert.equal(tokenList('a b'), undefined)
    assert.equal(tokenList('a;b'), undefined)
    assert.equal(tokenList('a,b,c', 2), undefined)
    assert.deepEqual(tokenList('a,b', 2), ['a', 'b'])
  })

  it('takes 16 KB of spaces without effort (A28)', () => {
    assert.deepEqual(tokenList(' '.repeat(16_384)), [])
    assert.equal(tokenList(`a${' '.repeat(16_384)}b`), undefined)
  })
})
