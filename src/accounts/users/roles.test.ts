import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compileRoles, unknownRole, type RoleTable } from './roles.ts'

describe('compileRoles', () => {
  it('has an administrator and a member by default', () => {
    const roles = compileRoles()
    assert.deepEqual(roles.names, ['admin', 'member'])
    assert.deepEqual(roles.administrators, ['admin'])
  })

  it('puts together what a user’s roles permit, and ignores a role that is gone', () => {
    const roles = compileRoles({ admin: ['*'], editor: ['notes:*'], reader: ['notes:read', 'files:read'] })
    const { roles: held, permissions } = roles.granted('editor gone reader')
    assert.deepEqual(held, ['editor', 'reader'])
    assert.deepEqual([...permissions], ['notes:*', 'notes:read', 'files:read'])
    assert.deepEqual([...roles.granted('').permissions], [])
    assert.deepEqual([...roles.granted('constructor __proto__ toString').permissions], [])
  })

  it('stores each role once, sorted, and no unknown one', () => {
    const roles = compileRoles()
    assert.equal(roles.stored(['member', 'admin', 'member']), 'admin member')
    assert.equal(roles.stored([]), '')
    for (const name of ['root', 'constructor', '', 'admin member']) assert.equal(roles.stored([name]), undefined)
  })

  it('refuses at start-up what cannot be meant', () => {
    const wrong: [unknown, RegExp][] = [
      [{ member: [] }, /nobody could administer/],
      [{ admin: ['*'], 'two words': [] }, /A role in `roles`/],
      [{ admin: ['*'], Member: [] }, /A role in `roles`/],
      [{ admin: ['*'], member: 'notes:read' }, /roles\.member is "notes:read"/],
      [{ admin: ['*'], member: ['notes.read'] }, /A permission of roles\.member is "notes\.read".*'notes:read'/],
      [{ admin: ['*'], member: ['notes: read'] }, /A permission/],
      [{ admin: ['*'], member: ['*:read'] }, /A permission/],
      [{ admin: ['*'], member: [7] }, /A permission/],
      [Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`r${i}`, ['*']])), /Keep to 64 roles/],
    ]
    for (const [table, message] of wrong) assert.throws(() => compileRoles(table as RoleTable), message)
  })

  it('says which role was meant', () => {
    assert.equal(unknownRole('membr', compileRoles()), 'There is no role "membr". Did you mean "member"?')
    assert.match(unknownRole('sorcerer', compileRoles()), /Known: admin, member\./)
  })
})
