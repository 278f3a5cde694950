import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { canonicalTarget } from './target.ts'

const seen = (raw: string, method?: string) => {
  const result = canonicalTarget(raw, method)
  return result.ok ? `ok ${result.path} ${result.search}` : result.reason
}

describe('canonicalTarget', () => {
  it('leaves plain paths as they are, with case and trailing slash (A60, A61)', () => {
    for (const path of [
      '/',
      '/admin',
      '/ADMIN',
      '/admin/',
      '/a/b-c_d.e~f',
      "/!$&'()*+,=:@",
      '/[id]',
      '/...',
      '/.well-known/x',
      '/a..b',
      '/..a',
      '/-',
    ]) {
      assert.deepEqual(canonicalTarget(path), { ok: true, path, search: '' })
    }
  })

  it('splits off the search', () => {
    assert.equal(seen('/a?b=c/../%2f//;x?'), 'ok /a ?b=c/../%2f//;x?')
    assert.equal(seen('/?'), 'ok / ?')
  })

  it('keeps legitimate escapes and writes their hex digits in upper case', () => {
    assert.equal(seen('/caf%c3%a9/%e2%82%ac%20x'), 'ok /caf%C3%A9/%E2%82%AC%20x ')
    assert.equal(seen('/%F0%9F%98%80?x=%c3'), 'ok /%F0%9F%98%80 ?x=%c3')
    assert.equal(seen('/100%25'), 'ok /100%25 ')
    for (const path of ['/100%25x', '/100%254', '/100%254x', '/100%25x4']) assert.equal(seen(path), `ok ${path} `)
    assert.equal(seen('/a%40b%3f%23'), 'ok /a%40b%3F%23 ')
  })

  it('refuses encoded letters, digits and other unreserved characters (A12, A40, A55)', () => {
    for (const path of ['/%61dmin', '/%6cogin', '/%77ebhook', '/%41', '/%30', '/a%2Db', '/%5f', '/%7E'])
      assert.equal(seen(path), 'encoded-unreserved', path)
  })

  it('refuses slashes that appear later: %2f, //, backslashes (A53, A56, A57, A63)', () => {
    for (const path of ['/admin%2fusers', '/admin%2Fusers', '/%2f']) assert.equal(seen(path), 'encoded-slash', path)
    for (const path of ['//admin', '//', '//evil.com/x', '/a//b', '/a//', '///']) assert.equal(seen(path), 'double-slash', path)
    for (const path of ['/\\evil.com', '/a\\b', '\\evil']) assert.equal(seen(path), 'backslash', path)
    for (const path of ['/admin%5cusers', '/%5Cevil']) assert.equal(seen(path), 'encoded-backslash', path)
  })

  it('refuses dot segments, raw, encoded and mixed (A12, A58)', () => {
    const paths = [
      '/.',
      '/..',
      '/x/../admin',
      '/./admin',
      '/a/.',
      '/a/..',
      '/a/../',
      '/x/%2e%2e/admin',
      '/%2e',
      '/.%2e/x',
      '/%2E./x',
      '/a%2eb',
      '/..?x',
    ]
    for (const path of paths) assert.equal(seen(path), 'dot-segment', path)
  })

  it('refuses path parameters (A59)', () => {
    for (const path of ['/admin;x', '/;', '/a/..;/b']) assert.equal(seen(path), 'path-parameter', path)
  })

  it('refuses NUL and other controls, raw and encoded (A62)', () => {
    for (const path of ['/admin%00', '/a%0d%0aX', '/%1b', '/%7f', '/%C2%80', '/%c2%9f', '/a%09'])
      assert.equal(seen(path), 'encoded-control', path)
    for (const path of ['/a\0', '/a b', '/a\r\nb', '/\x7f', '/a\t', '/ ']) assert.equal(seen(path), 'control', path)
  })

  it('refuses overlong, truncated and otherwise invalid UTF-8 (A62)', () => {
    const bad = [
      '%c0%af',
      '%c1%81',
      '%e0%80%af',
      '%e0%9f%bf',
      '%f0%80%80%af',
      '%f0%8f%bf%bf',
      '%ed%a0%80',
      '%ed%bf%bf',
      '%f4%90%80%80',
      '%f5%80%80%80',
    ]
    for (const text of [
      ...bad,
      '%80',
      '%bf',
      '%ff',
      '%fe',
      '%c3',
      '%c3x',
      '%c3%',
      '%e2%82',
      '%e2%82x',
      '%c3%41',
      '%c3/%a9',
      '%c3_a9',
      '%e2%82_ac',
    ]) {
      assert.equal(seen(`/${text}`), 'bad-utf8', text)
    }
  })

  it('refuses a NUL in the search: databases answer it with an error', () => {
    for (const target of ['/x?a=%00', '/x?%00', '/x?a=b%00c&d=e']) assert.equal(seen(target), 'control', target)
  })

  it('refuses malformed escapes in path and search (A90)', () => {
    for (const path of ['/%', '/%4', '/%zz', '/a%', '/%u0041', '/%-1', '/?%', '/?a=%g0', '/a?%4', '/%%41'])
      assert.equal(seen(path), 'bad-percent', path)
  })

  it('refuses what changes again when it is decoded twice (A64)', () => {
    for (const path of ['/%252561dmin', '/%2561dmin', '/%252e%252e/x', '/%252f', '/%255c', '/%2500', '/%25c0%25af'])
      assert.equal(seen(path), 'double-encoding', path)
  })

  it('refuses the other forms of a target (A49)', () => {
    for (const target of ['http://evil.com/x', 'https://evil', 'HTTP://evil/', 'javascript://x'])
      assert.equal(seen(target), 'absolute-form', target)
    for (const target of ['evil.com:443', 'admin', '?x', 'javascript:alert(1)'])
      assert.equal(seen(target), 'authority-form', target)
    assert.equal(seen(''), 'empty')
    assert.equal(seen('*'), 'asterisk-form')
    assert.equal(seen('*', 'OPTIONS'), 'ok * ')
    assert.equal(seen('*x', 'OPTIONS'), 'authority-form')
  })

  it('refuses fragments, other scripts, delimiters and overlong targets', () => {
    for (const target of ['/a#b', '/#', '/?a#b']) assert.equal(seen(target), 'fragment', target)
    for (const target of ['/é', '/?é', '/\u2025', '/\uff0e']) assert.equal(seen(target), 'non-ascii', target)
    for (const target of ['/<', '/"', '/`', '/{}', '/a>']) assert.equal(seen(target), 'bad-character', target)
    for (const target of ['/? ', '/?\0', '/?a\n', '/?\x7f']) assert.equal(seen(target), 'control', target)
    assert.equal(seen(`/${'a'.repeat(8191)}`), `ok /${'a'.repeat(8191)} `)
    assert.equal(seen(`/${'a'.repeat(8192)}`), 'too-long')
    assert.equal(seen(`/?${'a'.repeat(8192)}`), 'too-long')
    assert.equal(seen('a'.repeat(8193)), 'too-long')
  })

  const pieces = [
    '/',
    'a',
    'A',
    '.',
    '..',
    '%2e',
    '%2F',
    '%5c',
    '\\',
    '%25',
    '%61',
    '61',
    '%c3%a9',
    '%C3',
    '%00',
    ';',
    '?',
    '#',
    '%',
    '//',
    '@',
    '%40',
    ' ',
    'é',
    '*',
  ]

  it('accepts only paths that a URL parser leaves alone and that decode once to one thing', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 8 }), (parts) => {
        const raw = `/${parts.join('')}`
        const result = canonicalTarget(raw)
        if (!result.ok) return assert.equal(result.status, 400)
        assert.equal((result.path + result.search).toLowerCase(), raw.toLowerCase())
        const url = new URL(raw, 'http://self.invalid')
        assert.equal(url.host, 'self.invalid')
        assert.equal(url.pathname.toLowerCase(), result.path.toLowerCase())
        const decoded = decodeURIComponent(result.path)
        assert.equal(decoded.split('/').length, result.path.split('/').length)
        assert.equal(/[\\\0]|%[0-9a-f]{2}/i.test(decoded), false)
        assert.deepEqual(canonicalTarget(result.path + result.search), result)
      }),
      { numRuns: 5000 },
    )
  })

  it('judges the escapes of every code point as the platform does', () => {
    fc.assert(
      fc.property(
        fc
          .string({ unit: 'binary', minLength: 1, maxLength: 3 })
          .filter((text) => text.isWellFormed() && /^[\u00a0-\u{10ffff}]+$/u.test(text)),
        (text) => {
          const path = `/${encodeURIComponent(text)}`
          assert.deepEqual(canonicalTarget(path), { ok: true, path, search: '' })
        },
      ),
    )
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 4 }), (bytes) => {
        const path = `/${Array.from(bytes, (byte) => `%${(byte | 0x80).toString(16).toUpperCase()}`).join('')}`
        const wellFormed = URL.canParse(`http://a${path}`) && isDecodable(path)
        assert.equal(canonicalTarget(path).ok, wellFormed && !/%C2%[89]/.test(path))
      }),
      { numRuns: 3000 },
    )
  })
})

function isDecodable(text: string): boolean {
  try {
    return decodeURIComponent(text).length > 0
  } catch {
    return false
  }
}
