import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseJson } from './json.ts'
import type { JsonLimits } from './json.ts'

const seen = (text: string, limits?: JsonLimits) => {
  const result = parseJson(text, limits)
  return result.ok ? 'ok' : result.reason
}

describe('parseJson', () => {
  it('gives what JSON.parse gives', () => {
    for (const text of [
      '{}',
      '[]',
      '0',
      '"x"',
      'null',
      'true',
      ' {"a":[1,{"b":"c,:{}[]\\"\\\\"}],"d":-1.5e3} ',
      '["\\u00e9\\n"]',
    ]) {
      assert.deepEqual(parseJson(text), { ok: true, value: JSON.parse(text) as unknown }, text)
    }
  })

  it('refuses malformed text without throwing', () => {
    const bad = [
      '',
      ' ',
      '{',
      '}',
      '[',
      ']',
      '{]',
      '"',
      '"\\"',
      "{'a':1}",
      '{a:1}',
      '[1,]',
      '{"a":1,}',
      '01',
      '1.',
      '-',
      'nul',
      'NaN',
      '{"a"}',
      '{"a":1}}',
      '\ufeff{}',
      '[1] x',
      '"\n"',
    ]
    for (const text of bad) assert.equal(seen(text), 'malformed', text)
  })

  it('stops at the depth limit, closed or not (A74)', () => {
    assert.equal(seen('['.repeat(100_000)), 'too-deep')
    assert.equal(seen('{"a":'.repeat(100_000)), 'too-deep')
    assert.equal(seen('['.repeat(33) + ']'.repeat(33)), 'too-deep')
    assert.equal(seen('['.repeat(32) + ']'.repeat(32)), 'ok')
    assert.equal(seen('[[]]', { depth: 1 }), 'too-deep')
  })

  it('stops at the key limit over all objects (A75, A76)', () => {
    const keys = (count: number, step: number) => `{${Array.from({ length: count }, (_, index) => `"${index * step}":0`).join()}}`
    assert.equal(seen(keys(1000, 1)), 'ok')
    assert.equal(seen(keys(1001, 1)), 'too-many-keys')
    assert.equal(seen(keys(50_000, 65_536)), 'too-many-keys')
    assert.equal(seen(`[${'{"a":1},'.repeat(3)}{}]`, { keys: 2 }), 'too-many-keys')
  })

  it('stops at the element limit over all arrays', () => {
    const ones = (count: number) => `[${Array.from({ length: count }, () => '1').join()}]`
    assert.equal(seen(ones(10_000)), 'ok')
    assert.equal(seen(ones(10_001)), 'too-many-elements')
    assert.equal(seen(ones(100_000)), 'too-many-elements')
    assert.equal(seen('[[1,2],[3]]', { elements: 4 }), 'too-many-elements')
    assert.equal(seen('[[1,2],[3]]', { elements: 5 }), 'ok')
    assert.equal(seen(`[${'1,'.repeat(20_000)}`), 'too-many-elements')
    assert.equal(seen('[1]', { length: 2 }), 'too-long')
    assert.equal(seen('[1]', { length: 3 }), 'ok')
  })

  it('refuses the same key twice, also after unescaping (A77)', () => {
    const twice = [
      '{"role":"user","role":"admin"}',
      '{"a":1,"\\u0061":2}',
      '{"x":{"a":1,"a":1}}',
      '[{"a":{"b":1},"a":{"b":1,"c":2}}]',
      '{"":1,"":2}',
      '{"1":1,"1":2}',
    ]
    for (const text of twice) assert.equal(seen(text), 'duplicate-key', text)
    assert.equal(seen('{"a":{"a":1},"A":[{"a":2},{"a":3}]}'), 'ok')
  })

  it('refuses keys that reach a prototype and leaves Object.prototype intact (A80)', () => {
    const bad = [
      '{"__proto__":{"x":1}}',
      '{"a":[{"__proto__":1}]}',
      '{"\\u005f_proto__":1}',
      '{"constructor":{"prototype":{"x":1}}}',
      '{"constructor":{"proto\\u0074ype":1}}',
    ]
    for (const text of bad) assert.equal(seen(text), 'forbidden-key', text)
    for (const text of ['{"constructor":"Acme Ltd"}', '{"prototype":1}', '{"a":"__proto__"}', '{"constructor":[1]}'])
      assert.equal(seen(text), 'ok', text)
    assert.equal(({} as Record<string, unknown>)['x'], undefined)
  })

  it('refuses lone surrogates and NUL in keys and values', () => {
    for (const text of ['"\\ud800"', '["\\udc00\\ud800"]', '{"\\ud800":1}', '"\ud800"', '{"a":{"b":["x\\uDFFF"]}}'])
      assert.equal(seen(text), 'bad-unicode', text)
    for (const text of ['"\\u0000"', '{"a\\u0000":1}']) assert.equal(seen(text), 'nul', text)
    assert.equal(seen('"\\ud83d\\ude00"'), 'ok')
  })

  it('refuses numbers that are too long or not finite', () => {
    assert.equal(seen(`[${'1'.repeat(33)}]`), 'bad-number')
    assert.equal(seen(`[${'1'.repeat(32)}]`), 'ok')
    assert.equal(seen(`[${'1'.repeat(20)}e+${'0'.repeat(20)}]`), 'bad-number')
    assert.equal(seen(`{"a":-0.${'1'.repeat(100)}}`), 'bad-number')
    for (const text of ['1e999', '[-1e999]', '{"a":1e400}']) assert.equal(seen(text), 'bad-number', text)
    assert.equal(seen(`["${'1'.repeat(100)}"]`), 'ok')
  })

  it('agrees with JSON.parse on every value, and finds every duplicated key', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const text = JSON.stringify(value)
        const result = parseJson(text)
        if (result.ok) assert.deepEqual(result.value, JSON.parse(text))
        else assert.match(result.reason, /^(?:forbidden-key|nul|bad-unicode)$/)
      }),
    )
    const key = fc.constantFrom('a', 'b', '\\u0061', 'c')
    fc.assert(
      fc.property(fc.array(key, { maxLength: 4 }), fc.array(key, { maxLength: 4 }), (outer, inner) => {
        const object = (keys: readonly string[], last: string) => `{${keys.map((name) => `"${name}":${last}`).join()}}`
        const text = object(outer, object(inner, '0'))
        const unique = (keys: readonly string[]) =>
          new Set(keys.map((name) => JSON.parse(`"${name}"`) as string)).size === keys.length
        assert.equal(seen(text), unique(outer) && (unique(inner) || outer.length === 0) ? 'ok' : 'duplicate-key', text)
      }),
    )
  })

  it('never throws on text made of JSON pieces', () => {
    const piece = fc.constantFrom('{', '}', '[', ']', '"', '\\', ':', ',', '1', '-', 'e', 'a', '"a":', '\\u', ' ', 'true')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 15 }), (pieces) => {
        const text = pieces.join('')
        const result = parseJson(text)
        if (result.ok) assert.deepEqual(result.value, JSON.parse(text))
      }),
      { numRuns: 2000 },
    )
  })
})
