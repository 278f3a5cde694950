/** What services must hold, which are users for programs. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Secret } from '../../crypto/secret.ts'
import { CLI, from, PASSWORD, type Open } from '../fixture.contract.ts'
import { world } from './api-keys-fixture.contract.ts'

export function servicesContract(name: string, open: Open, skip: string | false): void {
  describe(`${name}: services`, { skip }, () => {
    it('have keys, and no way to sign in', async () => {
      const f = await world(open)
      const made = await f.accounts.users.createService({ login: 'robot', roles: ['reader'] }, CLI)
      assert.ok(made.ok && made.user.kind === 'service')
      const { text } = await f.key('robot', { scopes: ['notes:read'] })
      assert.equal(await f.reason(text), 'ok')
      const set = await f.accounts.credentials.setPassword(made.user.id, new Secret(PASSWORD), CLI)
      assert.deepEqual(set, { ok: false, reason: 'service-account' })
      assert.equal((await f.signIn('robot')).ok, false)
    })

    it('cannot sign in even with a password that somebody wrote past Holdfast', async () => {
      const f = await world(open)
      const person = await f.user('ada')
      const made = await f.accounts.users.createService({ login: 'robot' }, CLI)
      assert.ok(made.ok)
      const copy = `INSERT INTO hf_credentials (user_id, kind, value, version, updated_at)
        SELECT '${made.user.id}', kind, value, version, updated_at FROM hf_credentials WHERE user_id = ?`
      await f.database.statement(copy).run(person.id)
      assert.equal((await f.signIn('ada')).ok, true)
      assert.equal((await f.signIn('robot', { from: from('other') })).ok, false)
      assert.deepEqual(await f.accounts.sessions.list(made.user.id, f.clock.now), [])
    })

    it('count for no administrator, and leave set-up open', async () => {
      const f = await world(open)
      const made = await f.accounts.users.createService({ login: 'robot', roles: ['admin'] }, CLI)
      assert.ok(made.ok)
      assert.equal(await f.accounts.setUp.open(), true)
      assert.equal((await f.accounts.users.disable(made.user.id, CLI)).ok, true, 'a service is not the last administrator')
      await f.accounts.users.enable(made.user.id, CLI)
      const root = await f.user('root', ['admin'])
      assert.equal(await f.accounts.setUp.open(), false)
      assert.equal((await f.accounts.users.disable(root.id, CLI)).ok, false)
      assert.equal((await f.accounts.users.setRoles(root.id, [], CLI)).reason, 'last-administrator')
      assert.equal((await f.accounts.users.disable(made.user.id, CLI)).ok, true)
    })
  })
}
