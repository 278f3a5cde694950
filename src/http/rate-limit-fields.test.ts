import assert from 'node:assert/strict'
import { it } from 'node:test'
import { limitField, policyField, retryAfter } from './rate-limit-fields.ts'

it('writes the policies', () => {
  const policies = [
    { name: 'login', quota: 5, window: 900 },
    { name: 'api "x"', quota: 100, window: 60 },
  ]
  assert.equal(policyField(policies), '"login";q=5;w=900, "api \\"x\\"";q=100;w=60')
})

it('writes what is left in whole numbers, never below zero', () => {
  assert.equal(limitField('login', 4, 180), '"login";r=4;t=180')
  assert.equal(limitField('login', 3.9, 0.1), '"login";r=3;t=1')
  assert.equal(limitField('login', -2, -1), '"login";r=0;t=0')
})

it('never tells a client to come back at once', () => {
  assert.deepEqual([-1, 0, 0.2, 1, 59.1].map(retryAfter), ['1', '1', '1', '1', '60'])
})

it('throws instead of sending numbers that are none and names that are no text', () => {
  assert.throws(() => limitField('login', Number.NaN, 1), TypeError)
  assert.throws(() => limitField('login', 1, Infinity), TypeError)
  assert.throws(() => limitField('a\r\nb', 1, 1), TypeError)
  assert.throws(() => policyField([{ name: 'a', quota: 1.5, window: 1 }]), TypeError)
})
