import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseMediaType } from './media-type.ts'

const seen = (value: string | undefined) => {
  const result = parseMediaType(value)
  return result.ok ? { type: result.type, charset: result.charset, parameters: { ...result.parameters } } : result.reason
}

describe('parseMediaType', () => {
  it('gives the type in lower case, whatever the case it came in (A06)', () => {
    assert.deepEqual(seen('application/json'), { type: 'application/json', charset: undefined, parameters: {} })
    assert.deepEqual(seen('Application/X-WWW-Form-UrlEncoded'), {
      type: 'application/x-www-form-urlencoded',
      charset: undefined,
      parameters: {},
    })
    assert.deepEqual(seen('application/problem+json'), { type: 'application/problem+json', charset: undefined, parameters: {} })
  })

  it('reads parameters, quoted or not', () => {
    assert.deepEqual(seen('multipart/form-data; boundary="a; b\\"c"; X=1'), {
      type: 'multipart/form-data',
      charset: undefined,
      parameters: { boundary: 'a; b"c', x: '1' },
    })
    assert.deepEqual(seen('text/html ;  Charset="UTF-8"'), {
      type: 'text/html',
      charset: 'utf-8',
      parameters: { charset: 'UTF-8' },
    })
  })

  it('gives the same for the common spellings as for the slow path', () => {
    for (const type of ['application/json', 'application/x-www-form-urlencoded', 'text/plain']) {
      for (const tail of ['; charset=utf-8', ';charset=UTF-8', '; charset=UTF-8', ';charset=utf-8']) {
        assert.deepEqual(seen(type + tail), seen(`${type.toUpperCase()}${tail}`))
        assert.equal(Object.getPrototypeOf((parseMediaType(type + tail) as { parameters: object }).parameters), null)
      }
    }
  })

  it('refuses a missing or empty value with its own reason (A07)', () => {
    assert.equal(seen(undefined), 'missing')
    assert.equal(seen(''), 'missing')
  })

  it('refuses tricks that make two parsers disagree (A08, A68)', () => {
    const tricks = [
      'text/plain; application/json',
      'multipart/form-data;x',
      'application/json\t; charset=utf-8',
      'application/json;\tcharset=utf-8',
      'application/json\t',
    ]
    tricks.push(
      'application/json;',
      'application/json; ',
      'application/json ',
      ' application/json',
      'application/json;;charset=utf-8',
      'application/json, text/plain',
    )
    tricks.push(
      'application/json; charset',
      'application/json; charset=',
      'application/json; =utf-8',
      'application/json; charset =utf-8',
      'application/json; charset= utf-8',
    )
    tricks.push(
      'application/json charset=utf-8',
      'application',
      'application/',
      '/json',
      'a/b/c',
      'application/json\0',
      'application/json\r\nX: y',
      'application/jsoné',
    )
    tricks.push(
      'a/b; c="d',
      'a/b; c="d"e',
      'a/b; c="\\',
      'a/b; c="\0"',
      'a/b; c=""x',
      '*',
      ';',
      ';charset=utf-8',
      'a/b; c="\u00e9"',
    )
    for (const value of tricks) assert.equal(seen(value), 'malformed', JSON.stringify(value))
    assert.equal(seen('*/*; a=""') !== 'malformed', true)
  })

  it('refuses a parameter sent twice, in any case, and overlong values', () => {
    assert.equal(seen('application/json; charset=utf-8; Charset=utf-7'), 'duplicate-parameter')
    assert.equal(seen('multipart/form-data; boundary=a; boundary=a'), 'duplicate-parameter')
    assert.equal(seen('multipart/form-data; boundary=""; boundary=a'), 'duplicate-parameter')
    assert.equal(seen(`application/json; a=${'b'.repeat(500)}`), 'too-long')
  })

  it('takes __proto__ as the name of a parameter like any other (A80)', () => {
    const result = parseMediaType('a/b; __proto__=x')
    assert.ok(result.ok)
    assert.deepEqual(Object.entries(result.parameters), [['__proto__', 'x']])
    assert.equal(({} as Record<string, unknown>)['x'], undefined)
  })

  it('never throws and reads back what it writes', () => {
    const token = fc.stringMatching(/^[a-z0-9!#$+.-]{1,8}$/)
    fc.assert(
      fc.property(
        token,
        token,
        fc.uniqueArray(fc.tuple(token, token), { selector: ([name]) => name, maxLength: 4 }),
        (type, subtype, parameters) => {
          const value = `${type}/${subtype}${parameters.map(([name, text]) => `; ${name}="${text}"`).join('')}`
          const result = parseMediaType(value)
          assert.ok(result.ok)
          assert.equal(result.type, `${type}/${subtype}`)
          assert.deepEqual(Object.entries(result.parameters).toSorted(), parameters.toSorted())
        },
      ),
    )
    fc.assert(fc.property(fc.string(), (value) => assert.equal(typeof parseMediaType(value).ok, 'boolean')))
  })
})
