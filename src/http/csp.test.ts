import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NONCE, compileCsp } from './csp.ts'
import type { CspDirectives } from './csp.ts'

const header = (directives: CspDirectives, nonce = 'AbC-_09') => compileCsp(directives).header(nonce)
const refuses = (directives: CspDirectives, message: RegExp) =>
  assert.throws(
    () => compileCsp(directives),
    (error: unknown) => error instanceof TypeError && message.test(error.message),
    JSON.stringify(directives),
  )

describe('compileCsp', () => {
  it('writes a strict policy with the nonce of the response', () => {
    const directives = {
      'default-src': ["'self'"],
      'script-src': [NONCE, "'strict-dynamic'"],
      'style-src': ["'self'", NONCE],
      'object-src': ["'none'"],
      'upgrade-insecure-requests': true,
      'frame-src': false,
    } as const
    const policy = compileCsp(directives)
    const wanted = (nonce: string) =>
      `default-src 'self'; script-src 'nonce-${nonce}' 'strict-dynamic'; style-src 'self' 'nonce-${nonce}'; object-src 'none'; upgrade-insecure-requests`
    assert.equal(policy.header('AbC'), wanted('AbC'))
    assert.equal(policy.header('XyZ'), wanted('XyZ'))
  })

  it('puts the nonce wherever it stands: nowhere, once, twice, three times', () => {
    assert.equal(header({ 'default-src': ["'none'"] }), "default-src 'none'")
    assert.equal(header({ 'script-src': [NONCE] }), "script-src 'nonce-AbC-_09'")
    assert.equal(header({ 'script-src': ["'self'", NONCE, 'https:'] }), "script-src 'self' 'nonce-AbC-_09' https:")
    const three = header({ 'script-src': [NONCE], 'style-src': [NONCE], 'default-src': [NONCE] })
    assert.equal(three, "script-src 'nonce-AbC-_09'; style-src 'nonce-AbC-_09'; default-src 'nonce-AbC-_09'")
  })

  it('accepts hosts, schemes, hashes and the values of the other directives', () => {
    const directives = {
      'img-src': [
        'data:',
        'https:',
        '*.example.com',
        'https://*.example.com:8443/x/',
        'localhost:*',
        'wss://a.example',
        '*',
        '127.0.0.1:3000',
      ],
      'script-src': [`'sha256-${'A'.repeat(43)}='`, `'sha384-${'b'.repeat(64)}'`, "'unsafe-inline'", "'report-sample'"],
      sandbox: ['allow-forms', 'allow-scripts'],
      'report-to': ['csp'],
      'report-uri': ['/reports/csp?x=1', 'https://r.example/x'],
      'trusted-types': ["'none'"],
      'require-trusted-types-for': ["'script'"],
    }
    assert.ok(
      header(directives).includes(
        "sandbox allow-forms allow-scripts; report-to csp; report-uri /reports/csp?x=1 https://r.example/x; trusted-types 'none'",
      ),
    )
    assert.equal(
      header({ sandbox: true, 'trusted-types': ['a', "'allow-duplicates'"] }),
      "sandbox; trusted-types a 'allow-duplicates'",
    )
  })

  it('refuses values that would start another directive, source or header (A103)', () => {
    for (const value of [
      "x; script-src 'unsafe-inline'",
      'a,b',
      'a b',
      'a\tb',
      'a\r\nb',
      'a\0',
      'a\x7f',
      'é',
      'a;',
      '',
      "'self' *",
      "https://a/'x'y",
      "/'nonce'",
    ]) {
      refuses({ 'img-src': [value] }, /CSP: img-src/)
      refuses({ 'report-uri': [value] }, /CSP: report-uri/)
    }
    refuses({ 'report-uri': ["'nonce'"] }, /no URL/)
    refuses({ 'report-to': ['a;b'] }, /report-to/)
    refuses({ 'trusted-types': ['a;b'] }, /trusted-types/)
  })

  it('refuses names that are unknown, injected, inherited, or given twice in other case', () => {
    for (const name of [
      'scrpt-src',
      'img-src x; script-src',
      '',
      'constructor',
      '__proto__x',
      'plugin-types',
      'script-src ',
      'defaultSrc',
    ]) {
      refuses({ [name]: ["'self'"] }, /no directive/)
    }
    refuses({ 'img-src': ["'self'"], 'IMG-SRC': ['*'] }, /given twice/)
    refuses({ 'img-src': false, 'Img-Src': ['*'] }, /given twice/)
  })

  it('refuses keywords without quotes, and quoted words that do not exist', () => {
    for (const word of ['self', 'none', 'unsafe-inline', 'UNSAFE-EVAL', 'strict-dynamic', 'nonce-abc', 'sha256-abc']) {
      refuses({ 'script-src': [word] }, /without quotes/)
    }
    const bad = [
      "'slef'",
      "'sha256-abc'",
      "'sha1-abc'",
      "'",
      "''",
      "'self",
      "'selfx",
      "'https://a.example'",
      `'sha256-${'A'.repeat(44)}=='`,
      `'constructor-'`,
    ]
    for (const word of bad) refuses({ 'script-src': [word] }, /CSP: script-src/)
    for (const word of [
      'https',
      'http://',
      '//a.example',
      'a..b',
      'https://a.example/x?y',
      'https://a.example#y',
      '[::1]',
      'a.*.b',
      'https://a.example:x',
    ]) {
      if (word === 'https') assert.equal(header({ 'img-src': [word] }), 'img-src https')
      else refuses({ 'img-src': [word] }, /neither a scheme/)
    }
  })

  it('refuses fixed nonces, and nonces where they have no effect', () => {
    refuses({ 'script-src': ["'nonce-abc'"] }, /NONCE/)
    refuses({ 'img-src': [NONCE] }, /no effect/)
    refuses({ 'form-action': [NONCE] }, /no effect/)
  })

  it("refuses 'none' beside others, empty lists, and values of the wrong kind", () => {
    refuses({ 'object-src': ["'none'", "'self'"] }, /'none' beside/)
    refuses({ 'object-src': ["'self'", "'NONE'"] }, /'none' beside/)
    refuses({ 'img-src': [] }, /empty list/)
    refuses({ 'img-src': true }, /list of values/)
    refuses({ 'upgrade-insecure-requests': ['x'] }, /no value/)
    refuses({ 'img-src': "'self'" as never }, /array/)
    refuses({ 'img-src': [1 as never] }, /no text/)
    refuses({ 'report-to': ['a', 'b'] }, /one name/)
    refuses({ 'require-trusted-types-for': ['script'] }, /'script'/)
    refuses({ sandbox: ['forms'] }, /allow-forms/)
  })
})
