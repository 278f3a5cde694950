import assert from 'node:assert/strict'
import { it } from 'node:test'
import { compileHsts } from './hsts.ts'

it('writes the directives that are on', () => {
  assert.equal(compileHsts({ maxAge: 300 }), 'max-age=300')
  assert.equal(compileHsts({ maxAge: 315_360_000 }), 'max-age=315360000')
  assert.equal(compileHsts({ maxAge: 0, includeSubDomains: true }), 'max-age=0; includeSubDomains')
  assert.equal(
    compileHsts({ maxAge: 31_536_000, includeSubDomains: true, preload: true }),
    'max-age=31536000; includeSubDomains; preload',
  )
})

it('refuses what is no number of seconds, and milliseconds', () => {
  for (const maxAge of [-1, 1.5, Number.NaN, Infinity, '300; preload' as never])
    assert.throws(() => compileHsts({ maxAge }), /whole seconds/)
  assert.throws(() => compileHsts({ maxAge: 31_536_000_000 }), /in seconds/)
})

it('refuses preload without a year or without subdomains', () => {
  assert.throws(() => compileHsts({ maxAge: 31_535_999, includeSubDomains: true, preload: true }), /one year/)
  assert.throws(() => compileHsts({ maxAge: 31_536_000, preload: true }), /includeSubDomains/)
})
