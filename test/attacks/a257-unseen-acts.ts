import { sql } from 'kysely'
import { sqlite } from '../../src/store/sqlite.ts'
import { defineAttack } from '../support/attack.ts'

const [broken, flooded] = [sqlite(), sqlite()]
const EVE = { kind: 'user', id: 'eve' } as const

export default [
  defineAttack({
    id: 'A257',
    title: 'makes the log impossible to write, and then gives themselves rights that nobody sees',
    control: 'audit',
    options: { database: broken },
    async succeeds({ holdfast, signIn }) {
      const { userId } = await signIn('member', holdfast.audit ? 'somebody' : 'else')
      await sql`ALTER TABLE hf_audit_intake RENAME TO elsewhere`.execute(broken.kysely)
      try {
        await holdfast.accounts.users.setRoles(userId, ['admin'], EVE)
      } catch {
        return false
      } finally {
        await sql`ALTER TABLE elsewhere RENAME TO hf_audit_intake`.execute(broken.kysely)
      }
      return (await holdfast.accounts.users.byId(userId))!.roles.includes('admin')
    },
  }),
  defineAttack({
    id: 'A257b',
    title: 'fills the queue of the log with refusals, so that what they do next does not fit',
    control: 'audit',
    options: { database: flooded, audit: { queue: 100 }, rateLimit: false },
    async succeeds({ holdfast, signIn, fetch, events }) {
      const { userId } = await signIn('member', holdfast.audit ? 'somebody' : 'else')
      await holdfast.audit?.flush()
      // In one turn: the log has no time to write.
      await Promise.all(Array.from({ length: 300 }, (_, index) => fetch(`/nothing/${index}`)))
      for (let index = 0; index < 300; index++) holdfast.emit({ type: 'authz_fail', data: { code: 'sign-in-required' } })
      await holdfast.accounts.users.setRoles(userId, ['admin'], EVE)
      await holdfast.audit?.flush()
      if (holdfast.audit && !events.some(({ type }) => type === 'sys_audit_dropped')) throw new Error('The queue was not full.')
      const { rows } = await sql`SELECT 1 FROM hf_audit WHERE type = 'authz_change' AND user_id = ${userId}`.execute(
        flooded.kysely,
      )
      return rows.length === 0
    },
  }),
]
