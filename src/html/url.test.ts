import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { isOwnPath, isSafeUrl } from './url.ts'

const running = [
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  ' javascript:alert(1)',
  '\tjavascript:alert(1)',
  '\x01javascript:alert(1)',
  'java\tscript:alert(1)',
  'java\nscript:alert(1)',
  'java\r\nscript:alert(1)',
  'javascript\t:alert(1)',
  '\0javascript:alert(1)',
  'vbscript:msgbox(1)',
  'data:text/html,<script>alert(1)</script>',
  'data:image/svg+xml,<svg onload=alert(1)>',
  'blob:https://a/b',
  'filesystem:https://a/b',
  'view-source:javascript:alert(1)',
  'livescript:x',
  'javascript&colon;:x',
  ':',
  'x:',
]
const harmless = [
  '',
  '/',
  '/a?b=c:d',
  '?q=javascript:x',
  '#javascript:x',
  'a/b:c',
  './a:b',
  'https://example.com',
  'HTTP://EXAMPLE.COM',
  'mailto:a@example.com',
  'tel:+49',
  '//example.com/x',
  'javascript',
  '\\a:b',
]

describe('isSafeUrl', () => {
  for (const url of running) it(`refuses ${JSON.stringify(url)}`, () => assert.equal(isSafeUrl(url), false))
  for (const url of harmless) it(`takes ${JSON.stringify(url)}`, () => assert.equal(isSafeUrl(url), true))

  it('takes no URL that the platform parses to another scheme', () => {
    const unit = fc.constantFrom(...'javascript:JAVASCRIPTdata/\\?#&; \t\n\r\0\x01@'.split(''))
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 24 }), (url) => {
        if (!isSafeUrl(url) || !URL.canParse(url, 'https://here.example/page')) return
        assert.match(new URL(url, 'https://here.example/page').protocol, /^(?:https?|mailto|tel):$/)
      }),
      { numRuns: 3000 },
    )
  })
})

describe('isOwnPath', () => {
  for (const path of ['', '/console', '/a/b', '/a:b', '/ä'])
    it(`takes ${JSON.stringify(path)}`, () => assert.equal(isOwnPath(path), true))
  for (const path of [
    '/',
    '//e.example',
    '/\\e.example',
    '\\\\e.example',
    '/\t/e.example',
    'https://e.example',
    'a',
    ' /a',
    '/a\\b',
  ]) {
    it(`refuses ${JSON.stringify(path)}`, () => assert.equal(isOwnPath(path), false))
  }

  it('keeps any literal path after it at this origin', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'/\\.:@ab\t\n ?#'.split('')), maxLength: 12 }), (path) => {
        if (isOwnPath(path)) assert.equal(new URL(`${path}/evil.example/x`, 'https://here.example').host, 'here.example')
      }),
      { numRuns: 3000 },
    )
  })
})
