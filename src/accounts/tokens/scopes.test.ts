import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { permits } from '../../engine/policy.ts'
import { compileRoles } from '../users/roles.ts'
import { createNarrower, inCommon, splitScopes, storedScopes } from './scopes.ts'

const permission = fc.constantFrom('*', 'a:*', 'a:r', 'a:w', 'a:b:*', 'a:b:r', 'b:*', 'b:r')
const permissions = fc.array(permission, { maxLength: 4 }).map((list) => new Set(list))
const asked = ['a:r', 'a:w', 'a:b:r', 'b:r', 'c:r', 'a:*', '*']

describe('scopes', () => {
  it('permit what both sides permit, no more and no less', () => {
    fc.assert(
      fc.property(permissions, permissions, (owner, scopes) => {
        const both = inCommon(owner, scopes)
        for (const wanted of asked) assert.equal(permits(both, wanted), permits(owner, wanted) && permits(scopes, wanted), wanted)
      }),
    )
  })

  it('are stored sorted and once', () => {
    assert.equal(storedScopes(['b:r', 'a:r', 'b:r']), 'a:r b:r')
    assert.deepEqual(splitScopes(storedScopes([])!), [])
    for (const wrong of ['', 'a', 'A:r', 'a:r b:r', 'a:\n', '**']) assert.equal(storedScopes([wrong]), undefined, wrong)
  })

  it('give the roles of the owner with "*" alone', () => {
    const narrow = createNarrower(compileRoles({ admin: ['*'], reader: ['a:r'] }))
    assert.deepEqual(narrow('admin reader', '*').roles, ['admin', 'reader'])
    assert.deepEqual(narrow('admin', 'a:*').roles, [])
    assert.deepEqual([...narrow('reader', '*').permissions], ['a:r'])
    assert.deepEqual([...narrow('reader', 'a:*').permissions], ['a:r'])
    assert.equal(narrow('reader', 'a:*'), narrow('reader', 'a:*'))
  })
})
