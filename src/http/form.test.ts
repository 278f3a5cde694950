import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseForm } from './form.ts'
import type { FormLimits } from './form.ts'
import { parseQuery } from './query.ts'

const fields = (text: string, limits?: FormLimits) => {
  const result = parseForm(text, limits)
  return result.ok ? { ...result.value } : result.reason
}

describe('parseForm', () => {
  it('parses pairs, spaces and escapes', () => {
    assert.deepEqual(fields(''), {})
    assert.deepEqual(fields('a=1&b=x+y&c=%C3%A9%2B&d&e=&=f'), { a: '1', b: 'x y', c: 'é+', d: '', e: '', '': 'f' })
    assert.deepEqual(fields('&&a=b=c&'), { a: 'b=c' })
    assert.deepEqual(fields('naïve=ü'), { naïve: 'ü' })
  })

  it('makes a list only where a name is repeated, in the order it was sent (A79)', () => {
    assert.deepEqual(fields('id=1&x=0&id=2&id=3'), { id: ['1', '2', '3'], x: '0' })
    assert.deepEqual(fields('i%64=1&id=2'), { id: ['1', '2'] })
  })

  it('gives no meaning to brackets and dots (A79)', () => {
    assert.deepEqual(fields('id[$ne]=1&a[]=2&a[0][b]=3&c.d=4'), { 'id[$ne]': '1', 'a[]': '2', 'a[0][b]': '3', 'c.d': '4' })
  })

  it('stops at the field limit in every notation (A78)', () => {
    for (const text of ['a[]=1&'.repeat(100_000), 'a&'.repeat(201), 'a[0]=1&'.repeat(201), '=&'.repeat(201)]) {
      assert.equal(fields(text, { length: 1e9 }), 'too-many-fields')
    }
    assert.equal(Object.keys(fields(Array.from({ length: 200 }, (_, index) => `k${index}=1`).join('&'))).length, 200)
  })

  it('bounds names, values and the whole text', () => {
    assert.equal(fields(`${'a'.repeat(257)}=1`), 'name-too-long')
    assert.deepEqual(fields(`${'a'.repeat(256)}=1`), { ['a'.repeat(256)]: '1' })
    assert.equal(fields('a=12345', { valueLength: 4 }), 'value-too-long')
    assert.equal(fields('a=1234', { valueLength: 4, length: 6 }).toString(), '[object Object]')
    assert.equal(fields('a=12345', { length: 6 }), 'too-long')
    assert.equal(fields('&'.repeat(102_401)), 'too-long')
  })

  it('refuses malformed escapes, bytes that are no UTF-8, lone surrogates and NUL (A90)', () => {
    for (const text of ['a=%', 'a=%4', 'a=%zz', '%=1', 'a%g1=1', 'a=%&b=1', 'a=1%2&5=1'])
      assert.equal(fields(text), 'bad-percent', text)
    for (const text of ['a=%ff', 'a=%c0%af', '%80=1', 'a=%ed%a0%80', 'a=\ud800']) assert.equal(fields(text), 'bad-utf8', text)
    for (const text of ['a=%00', '%00=1', 'a=\0']) assert.equal(fields(text), 'nul', text)
  })

  it('refuses names that reach a prototype and leaves Object.prototype intact (A80)', () => {
    const before = Object.getOwnPropertyNames(Object.prototype)
    for (const name of [
      '__proto__',
      'constructor',
      'prototype',
      '__proto__[x]',
      'a[__proto__]',
      '%5f%5fproto__',
      'c%6Fnstructor',
    ]) {
      assert.equal(fields(`${name}=1`), 'forbidden-name', name)
    }
    const result = parseForm('toString=1&hasOwnProperty=2&toString=3')
    assert.ok(result.ok)
    assert.equal(Object.getPrototypeOf(result.value), null)
    assert.deepEqual({ ...result.value }, { toString: ['1', '3'], hasOwnProperty: '2' })
    assert.deepEqual(Object.getOwnPropertyNames(Object.prototype), before)
  })

  it('agrees with the platform on all that it accepts', () => {
    const piece = fc.constantFrom('a', 'b', '=', '&', '+', '%41', '%', '%C3%A9', '%ff', '[', ']', 'é', ';')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const text = pieces.join('')
        const result = parseForm(text)
        if (!result.ok) return
        const wanted = new URLSearchParams(text)
        assert.deepEqual(new Set(Object.keys(result.value)), new Set(wanted.keys()))
        for (const [name, value] of Object.entries(result.value)) assert.deepEqual([value].flat(), wanted.getAll(name))
      }),
      { numRuns: 2000 },
    )
  })
})

describe('parseQuery', () => {
  it('takes the search of a target with or without its question mark', () => {
    for (const search of ['?a=1&b=2', 'a=1&b=2'])
      assert.deepEqual({ ...(parseQuery(search) as { value: object }).value }, { a: '1', b: '2' })
    assert.deepEqual({ ...(parseQuery('??a=1') as { value: object }).value }, { '?a': '1' })
    assert.deepEqual(parseQuery('?').ok, true)
  })

  it('has tighter limits than a body', () => {
    assert.deepEqual(parseQuery(`?${'a&'.repeat(101)}`), { ok: false, reason: 'too-many-fields' })
    assert.deepEqual(parseQuery(`?${'a'.repeat(8193)}`), { ok: false, reason: 'too-long' })
  })
})
