import assert from 'node:assert/strict'
import { it } from 'node:test'
import { KNOWN_METHODS, isSafeMethod } from './method.ts'

it('calls GET, HEAD and OPTIONS safe, in exactly this case', () => {
  assert.deepEqual(['GET', 'HEAD', 'OPTIONS'].map(isSafeMethod), [true, true, true])
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'get', 'QUERY', 'TRACE', 'PROPFIND', ''])
    assert.equal(isSafeMethod(method), false, method)
})

it('does not know methods that tunnel, echo or are routed differently by frameworks (A11)', () => {
  for (const method of ['TRACE', 'CONNECT', 'QUERY', 'PROPFIND', 'get', '__proto__'])
    assert.equal(KNOWN_METHODS.has(method), false, method)
  assert.equal(KNOWN_METHODS.has('PATCH'), true)
})
