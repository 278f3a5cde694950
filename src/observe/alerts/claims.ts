/**
 * What one of many processes does for all: a row that one of them writes, in the transaction of what it then does. So of many at once one has
 * it, who dies before the commit has nothing, and what was put down by the commit is sent by whoever lives.
 */
import type { Transaction } from 'kysely'
import type { Database, Migration } from '../../store/database.ts'
import { encodeString } from '../../store/stored-string.ts'

interface ClaimsTable {
  key: string
  /** Until when it stands. */
  until: number
  count: number
}

export interface ClaimsSchema {
  hf_alert_claims: ClaimsTable
}

export type ClaimsTransaction = Transaction<ClaimsSchema>
export type ClaimsDatabase = Database<ClaimsSchema>

export interface Claim {
  readonly until: number
  readonly count: number
}

const LONGEST = 512
const nameOf = (key: string) => encodeString(key.slice(0, LONGEST))

/** Whether it is ours from now until then; a claim whose time is over is none. */
export async function claim(
  tx: ClaimsTransaction,
  key: string,
  { until, now }: { until: number; now: number },
): Promise<boolean> {
  const taken = await tx
    .insertInto('hf_alert_claims')
    .values({ key: nameOf(key), until, count: 0 })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ until, count: 0 }).where('hf_alert_claims.until', '<=', now))
    .returning('key')
    .executeTakeFirst()
  return taken !== undefined
}

/** How often until then, this time included; begins anew when the time is over. `least`: at once so many. */
export async function countUp(
  tx: ClaimsTransaction,
  key: string,
  { until, now, least = 1 }: { until: number; now: number; least?: number },
): Promise<number> {
  const row = await tx
    .insertInto('hf_alert_claims')
    .values({ key: nameOf(key), until, count: least })
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet((eb) => ({
        until: eb.case().when('hf_alert_claims.until', '<=', now).then(until).else(eb.ref('hf_alert_claims.until')).end(),
        count: eb
          .case()
          .when('hf_alert_claims.until', '<=', now)
          .then(least)
          .when('hf_alert_claims.count', '<', least - 1)
          .then(least)
          .else(eb('hf_alert_claims.count', '+', 1))
          .end(),
      })),
    )
    .returning('count')
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** Adds to the claim that stands until exactly then; false where it was ended. */
export async function addTo(
  tx: ClaimsTransaction,
  key: string,
  { until, more }: { until: number; more: number },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('hf_alert_claims')
    .set((eb) => ({ count: eb('count', '+', more) }))
    .where('key', '=', nameOf(key))
    .where('until', '=', until)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

export async function claimOf(on: ClaimsTransaction | ClaimsDatabase['kysely'], key: string): Promise<Claim | undefined> {
  const row = await on.selectFrom('hf_alert_claims').selectAll().where('key', '=', nameOf(key)).executeTakeFirst()
  return row && toClaim(row)
}

/** Ends it: of many one gets what it was. `over`: only when its time is over by then. */
export async function endClaim(tx: ClaimsTransaction, key: string, over?: number): Promise<Claim | undefined> {
  const row = await tx
    .deleteFrom('hf_alert_claims')
    .where('key', '=', nameOf(key))
    .$if(over !== undefined, (query) => query.where('until', '<=', over!))
    .returningAll()
    .executeTakeFirst()
  return row && toClaim(row)
}

/** Forgets what was over before. */
export async function forgetClaims({ kysely }: ClaimsDatabase, before: number): Promise<void> {
  await kysely.deleteFrom('hf_alert_claims').where('until', '<', before).execute()
}

const toClaim = ({ until, count }: ClaimsTable): Claim => ({ until: Number(until), count: Number(count) })

export const alertMigrations: readonly Migration[] = [
  {
    id: 'alerts-1',
    up: (dialect) => [
      `CREATE TABLE hf_alert_claims (
        key text PRIMARY KEY,
        until bigint NOT NULL,
        count bigint NOT NULL
      )${dialect === 'sqlite' ? ' WITHOUT ROWID' : ''}`,
      'CREATE INDEX hf_alert_claims_until ON hf_alert_claims (until)',
    ],
  },
]
