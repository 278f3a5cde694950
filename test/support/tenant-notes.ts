/** Notes of two tenants behind the test application, as a handler reaches them: for attacks across tenants. */
import type { Kysely } from 'kysely'
import type { TenantColumn } from '../../src/index.ts'
import type { Migration } from '../../src/store/database.ts'
import type { TestApp } from './app.ts'

export interface NotesSchema {
  notes: { id: string; tenant_id: TenantColumn; text: string }
}

export const notesMigrations: readonly Migration[] = [
  { id: 'notes-1', up: () => ['CREATE TABLE notes (id text PRIMARY KEY, tenant_id text NOT NULL, text text NOT NULL)'] },
]

/** The database of the attacker's tenant, and what the other tenant's note says by now. */
export async function twoTenants(app: TestApp): Promise<{ own: Kysely<NotesSchema>; theirs(): Promise<unknown[]> }> {
  const scope = app.holdfast.tenantScope<NotesSchema>({ notes: 'tenant_id' })
  const [own, other] = [scope.ofId('attackers'), scope.ofId('victims')]
  await own.insertInto('notes').values({ id: 'own', tenant_id: 'attackers', text: 'mine' }).execute()
  await other.insertInto('notes').values({ id: 'theirs', tenant_id: 'victims', text: SECRET }).execute()
  const theirs = () => other.selectFrom('notes').selectAll().where('tenant_id', '=', 'victims').execute()
  if ((await theirs()).length !== 1) throw new Error('The note of the others is not there.')
  const mine = await own.selectFrom('notes').select('id').where('id', '=', 'own').execute()
  if (mine.length !== 1) throw new Error('Nobody reads their own notes either.')
  return { own, theirs }
}

export const SECRET = 'the plans of the others'

/** What came of it, as text; a refusal too. */
export async function outcome(work: () => Promise<unknown>): Promise<string> {
  return await work().then(
    (value) => JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? String(one) : one)),
    (error: Error) => error.message,
  )
}
