import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { addVary } from './vary.ts'

describe('addVary', () => {
  it('begins the list', () => {
    assert.equal(addVary(undefined, 'Origin'), 'Origin')
    assert.equal(addVary(null, 'Origin'), 'Origin')
    assert.equal(addVary('', 'Origin'), 'Origin')
  })

  it('keeps what stands there', () =>
    assert.equal(addVary('Accept-Encoding, Cookie', 'Origin'), 'Accept-Encoding, Cookie, Origin'))

  it('says nothing twice, in any case', () => {
    assert.equal(addVary('accept, origin', 'Origin'), 'accept, origin')
    assert.equal(addVary('*', 'Origin'), '*')
  })
})
