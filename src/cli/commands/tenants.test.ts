import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { holdfastCommand } from '../../../test/support/command.ts'
import { Secret } from '../../crypto/secret.ts'
import { createHoldfast } from '../../index.ts'

const root = mkdtempSync(join(tmpdir(), 'holdfast-tenants-'))
after(() => rmSync(root, { recursive: true }))

const PASSWORD = 'crimson kettle orbit lagoon'

describe('holdfast tenants', () => {
  it('makes tenants and members in the running application, with the roles that it named', async () => {
    const now = () => Date.parse('2026-06-01T12:00:00Z')
    const data = join(root, 'data')
    const app = await createHoldfast({
      ...{ origin: 'http://localhost:3000', data, mode: 'test', log: 'silent', now },
      tenants: { roles: { boss: ['*'], reader: ['notes:read'] } },
      passwords: { hashing: { insecureParameters: { memory: 64, passes: 1, parallelism: 1 } } },
    })
    const { tenants, users } = app.accounts
    for (const login of ['ada', 'bob'])
      await users.create({ login, password: new Secret(PASSWORD) }, { kind: 'system', id: 'test' })
    async function holdfast(...words: string[]) {
      const environment = { HOLDFAST_DATA: data, HOLDFAST_LOG: join(root, 'log') }
      const outcome = await holdfastCommand(words, { environment, now })
      return [outcome.code, `${outcome.out}${outcome.error}`] as const
    }

    const [code, said] = await holdfast('tenants', 'create', 'Alpha', '--owner', 'ada')
    const [made] = await tenants.list()
    assert.deepEqual([code, said.includes(made!.id), made?.name], [0, true, 'Alpha'])
    assert.match((await holdfast('tenants', 'list'))[1], /Alpha/)
    const id = made!.id
    assert.equal((await holdfast('tenants', 'add', id, 'bob', '--role', 'reader'))[0], 0)
    const [, listed] = await holdfast('tenants', 'members', id)
    // They came at the same moment, so in either order.
    assert.match(listed, /ada .*boss/)
    assert.match(listed, /bob .*reader/)
    const wrong = [
      [['add', id, 'bob', '--role', 'reader'], /belong to it already/],
      [['add', id, 'nobody'], /no user/],
      [['set-roles', id, 'bob', '--role', 'owner'], /no such role/],
      [['remove', id, 'ada'], /last owner/],
      [['members', 't_none'], /no such tenant/],
      [['create', 'Beta', '--owner', 'nobody'], /no user/],
    ] as const
    for (const [words, why] of wrong) {
      const [refused, text] = await holdfast('tenants', ...words)
      assert.equal(refused, 1, words.join(' '))
      assert.match(text, why)
    }
    const [shutOut, why] = await holdfast('users', 'disable', 'ada')
    assert.deepEqual([shutOut, /last owner of "Alpha"/.test(why)], [1, true])
    assert.match((await holdfast('users', 'delete', 'ada', '--yes'))[1], /last owner of "Alpha"/)
    assert.equal((await holdfast('users', 'disable', 'ada', '--orphan-tenants'))[0], 0)
    assert.equal((await holdfast('users', 'enable', 'ada'))[0], 0)
    assert.equal((await holdfast('tenants', 'set-roles', id, 'bob', '--role', 'boss'))[0], 0)
    assert.equal((await holdfast('tenants', 'remove', id, 'ada'))[0], 0)
    assert.deepEqual(
      (await tenants.members(id)).map(({ login, roles }) => [login, roles]),
      [['bob', ['boss']]],
    )
    await app.stop()
  })
})
