import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { prefers, wantsHtml } from './accept.ts'

const OFFERS = ['application/json', 'text/html', 'text/plain']
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8'

describe('prefers', () => {
  it('takes the highest weight, then the earlier offer', () => {
    assert.equal(prefers(BROWSER, OFFERS), 'text/html')
    assert.equal(prefers('*/*', OFFERS), 'application/json')
    assert.equal(prefers('text/*;q=0.5, text/plain', OFFERS), 'text/plain')
    assert.equal(prefers('text/plain;q=0.1, text/html ; q=0.2', OFFERS), 'text/html')
    assert.equal(prefers('TEXT/HTML;Q=1.000', OFFERS), 'text/html')
    assert.equal(prefers('text/html;v=0, text/plain;q=0.9', OFFERS), 'text/html')
    for (const accept of [
      'text/html;q=0.1, text/html;q=0.9, text/plain;q=0.5',
      'text/html;q=0.9, text/html;q=0.1, text/plain;q=0.5',
    ]) {
      assert.equal(prefers(accept, OFFERS), 'text/html')
    }
  })

  it('lets the more specific range decide, also against an offer', () => {
    assert.equal(prefers('*/*, application/json;q=0', OFFERS), 'text/html')
    assert.equal(prefers('text/html;q=0, text/*, */*;q=0.1', ['text/html', 'text/plain']), 'text/plain')
    assert.equal(prefers('text/*;q=0.1, */*', OFFERS), 'application/json')
  })

  it('gives nothing when nothing is acceptable', () => {
    for (const accept of ['image/png', 'image/*', 'text/htmx', 'text/htm', 'tex/*'])
      assert.equal(prefers(accept, OFFERS), undefined, accept)
    assert.equal(prefers('*/*;q=0', OFFERS), undefined)
    assert.equal(prefers('*/*', []), undefined)
  })

  it('takes missing, empty and unreadable fields for no preference', () => {
    for (const accept of [
      undefined,
      '',
      ' ',
      ',,,',
      'nonsense',
      'text/html;q=2',
      'text/html;q=0.1234',
      'text/html;q=',
      'text/html;q=x',
      'text/html;q=0x1',
      'text/html;q=1e-1',
      'text/html;q=.5',
      'text/html;q=0 1',
      '/',
      'text/',
    ]) {
      assert.equal(prefers(accept, OFFERS), 'application/json', String(accept))
    }
  })

  it('does no work for floods (A89)', () => {
    assert.equal(prefers('x-,'.repeat(30_000), OFFERS), 'application/json')
    assert.equal(prefers(`${'a/b,'.repeat(64)}text/html`, OFFERS), 'application/json')
    assert.equal(prefers(`${'a/b,'.repeat(63)}text/html`, OFFERS), 'text/html')
  })

  it('never throws, and gives only what is offered', () => {
    const piece = fc.constantFrom('text', '/', '*', ',', ';', 'q=', '0.5', '1', ' ', 'html', '\t', '"')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const chosen = prefers(pieces.join(''), OFFERS)
        assert.ok(chosen === undefined || OFFERS.includes(chosen))
      }),
    )
  })
})

describe('wantsHtml', () => {
  it('is for clients that name HTML', () => {
    for (const accept of [BROWSER, 'text/html', 'application/xhtml+xml;q=0.1']) assert.equal(wantsHtml(accept), true, accept)
    for (const accept of [
      undefined,
      '',
      '*/*',
      'text/*',
      'application/json',
      'text/html;q=0',
      'text/html-x',
      `${'a/b,'.repeat(70)}text/html`,
    ]) {
      assert.equal(wantsHtml(accept), false, String(accept))
    }
  })
})
