import { sql, type Kysely } from 'kysely'
import { defineAttack } from '../support/attack.ts'
import { outcome } from '../support/tenant-notes.ts'
import { unguarded } from '../support/weak-store.ts'

/** What a handler could be talked into, with the database that it was given. */
const WORKS: readonly ((db: Kysely<any>) => Promise<unknown>)[] = [
  (db) => db.updateTable('hf_users').set({ roles: 'admin' }).where('login', '=', 'eve').execute(),
  (db) => sql`UPDATE hf_users SET roles = 'admin' WHERE login = 'eve'`.execute(db),
  (db) => sql`UPDATE ${sql.id('main', 'hf_users')} SET roles = 'admin' WHERE login = 'eve'`.execute(db),
  (db) => sql.raw(`UPDATE "hf_users" SET roles = 'admin' WHERE login = 'eve'`).execute(db.withoutPlugins()),
]

export default defineAttack({
  id: 'A215',
  title: "makes themselves an administrator through the application's database, by naming a table of Holdfast",
  control: 'database',
  without: { database: unguarded() },
  async succeeds(app) {
    await app.signIn('member', 'eve')
    const db = app.holdfast.database<any>() as unknown as Kysely<any>
    for (const work of WORKS) await outcome(() => work(db))
    return (await app.holdfast.accounts.users.byLogin('eve'))?.roles.includes('admin') === true
  },
})
