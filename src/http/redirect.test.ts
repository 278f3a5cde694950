import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { localPath } from './redirect.ts'

describe('localPath', () => {
  it('keeps paths on the own origin, with their search', () => {
    for (const next of ['/', '/account', '/a/b?c=d&e=%20f', '/?next=//evil.com', '/caf%C3%A9', '/a@b.c', '/http:evil', '/%40x'])
      assert.equal(localPath(next), next)
    assert.equal(localPath('/caf%c3%a9'), '/caf%C3%A9')
  })

  it('gives "/" for everything that leads elsewhere (A53, A98)', () => {
    const elsewhere = [
      '//evil.com',
      '///evil.com',
      '////evil.com',
      '/\\evil.com',
      '\\\\evil.com',
      '\\/evil.com',
      '/\\/evil.com',
      '/.//evil.com',
      '/..//evil.com',
    ]
    elsewhere.push(
      'http://evil.com',
      'https:evil.com',
      'https:/evil.com',
      'HTTPS://evil.com',
      'javascript:alert(1)',
      'data:text/html,x',
      'ftp://x',
      'mailto:x@y',
    )
    elsewhere.push(
      '/\t/evil.com',
      '/\n/evil.com',
      '/\r/evil.com',
      '\t//evil.com',
      ' //evil.com',
      ' /x',
      '/ /evil.com',
      '\0//evil.com',
      '/\0',
      '/x\r\nSet-Cookie: a=b',
    )
    elsewhere.push(
      '/%2f/evil.com',
      '/%2fevil.com',
      '/%5cevil.com',
      '/%5c/evil.com',
      '/%09/evil.com',
      '/%0d%0aX',
      '/%2e%2e//evil.com',
      '/a/../..//evil.com',
      '/%252f%252fevil',
    )
    elsewhere.push(
      'evil.com',
      '@evil.com',
      ':80',
      '?x',
      '#x',
      '.',
      '..',
      'account',
      '//evil.com@self',
      '//self@evil.com',
      'http://x.invalid/a',
      '//x.invalid/a',
    )
    elsewhere.push(
      '/\u2028',
      '/é',
      '/\u3002evil',
      '/\ud800',
      '/a#//evil.com',
      '/a;b',
      '/^',
      `/${'a'.repeat(3000)}`,
      '/a?b\\c\n',
      '',
    )
    for (const next of elsewhere) assert.equal(localPath(next), '/', JSON.stringify(next))
    assert.equal(localPath(undefined), '/')
  })

  it('gives "/" for a Referer, which is not a path (A99)', () => assert.equal(localPath('https://self.example//evil.com'), '/'))

  it('never leads off the origin, also when its result is parsed and emitted again', () => {
    const piece = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      '%2e',
      '%2f',
      '%5c',
      '\t',
      '\n',
      ' ',
      ':',
      '@',
      'evil.com',
      '?',
      '#',
      ';',
      'http:',
      'javascript:',
      'a',
      '%',
      '\0',
      '。',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        let path = localPath(pieces.join(''))
        for (let round = 0; round < 3; round++) {
          const url = new URL(path, 'https://self.example')
          assert.equal(url.origin, 'https://self.example')
          path = url.pathname + url.search
        }
      }),
      { numRuns: 5000 },
    )
  })
})
