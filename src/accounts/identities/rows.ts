/** The rows of identities: found, written, taken away. One identity is one user's, by the key of the table. */
import { isUniqueViolation } from '../../store/errors.ts'
import type { AccountsDatabase, AccountsTransaction, IdentityRow } from '../schema.ts'
import type { Identity, ProvedIdentity } from './types.ts'

type On = AccountsTransaction | AccountsDatabase['kysely']
type Named = Pick<ProvedIdentity, 'issuer' | 'subject'>

const LONGEST = { issuer: 512, subject: 255, shown: 128 } // OpenID Connect Core 1.0 section 2: a subject has at most 255 characters

/** Whether it can name somebody at all. An empty subject would be everybody's of whom a provider knows nothing (L43). */
export function isIdentity({ issuer, subject }: Named): boolean {
  const fits = (text: string, most: number) => text !== '' && text.length <= most && text.isWellFormed() && !/\p{Cc}/u.test(text)
  return fits(issuer, LONGEST.issuer) && fits(subject, LONGEST.subject)
}

/** Whose it is. */
export async function findIdentity(on: On, { issuer, subject }: Named): Promise<IdentityRow | undefined> {
  return await on
    .selectFrom('hf_identities')
    .selectAll()
    .where('issuer', '=', issuer)
    .where('subject', '=', subject)
    .executeTakeFirst()
}

/** Rejects with a unique violation when somebody has it. `id`: its public handle. */
export async function insertIdentity(
  tx: AccountsTransaction,
  row: { readonly userId: string; readonly id: string; readonly now: number; readonly usedAt?: number },
  identity: ProvedIdentity,
): Promise<IdentityRow> {
  const { issuer, subject, provider } = identity
  const times = { linked_at: row.now, used_at: row.usedAt ?? null }
  const values = { issuer, subject, id: row.id, user_id: row.userId, provider, shown: storable(identity.shown), ...times }
  await tx.insertInto('hf_identities').values(values).execute()
  return values
}

/** Notes when it was used last, and what its owner knows it by now. */
export async function noteUse(on: On, { issuer, subject, shown }: ProvedIdentity, now: number): Promise<void> {
  await on
    .updateTable('hf_identities')
    .set({ used_at: now, shown: storable(shown) })
    .where('issuer', '=', issuer)
    .where('subject', '=', subject)
    .execute()
}

/** Whether it is linked to this user at this moment. Asked by the gate, in the transaction that issues the session. */
export async function isLinked(tx: AccountsTransaction, userId: string, named: Named): Promise<boolean> {
  return (await findIdentity(tx, named))?.user_id === userId
}

/** The error of a row that is there already as `undefined`; every other one stays one. */
export async function unlessTaken<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (isUniqueViolation(error)) return undefined
    throw error
  }
}

export function toIdentity({ id, provider, issuer, shown, linked_at, used_at }: IdentityRow): Identity {
  return { id, provider, issuer, shown, linkedAt: linked_at, usedAt: used_at ?? undefined }
}

function storable(text: string): string {
  return text
    .slice(0, LONGEST.shown)
    .toWellFormed()
    .replace(/\p{Cc}/gu, ' ')
}
