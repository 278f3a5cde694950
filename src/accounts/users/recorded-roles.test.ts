import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { memoryStore } from '../../store/memory.ts'
import { recordedRoles, recordRoles } from './recorded-roles.ts'
import { DEFAULT_ROLES } from './roles.ts'

describe('the roles that an application leaves for the command', () => {
  it('are those by default before it ever ran, and its own after', async () => {
    const once = memoryStore()
    assert.deepEqual(await recordedRoles(once, 0), DEFAULT_ROLES)
    const roles = { admin: ['*'], reader: ['notes:read'] }
    await recordRoles(once, roles, 0)
    assert.deepEqual(await recordedRoles(once, 1), roles)
  })

  it('are left by name alone when there is too much to say', async () => {
    const once = memoryStore()
    const many = Array.from({ length: 10_000 }, (_, index) => `notes:n${index}`)
    await recordRoles(once, { admin: ['*'], reader: many }, 0)
    assert.deepEqual(await recordedRoles(once, 1), { admin: ['*'], reader: [] })
  })
})
