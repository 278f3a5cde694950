/**
 * Renews the tokens of an app: each refresh token is good for one use, and using an older one again shows that two have it, so all of
 * its family ends. Only the direct predecessor, and only for a few seconds, gets the same successor once more: two windows that ask at
 * the same moment, or an answer that was lost, sign nobody out.
 * Sources: RFC 9700 section 4.14.2; OWASP ASVS 5.0 10.4.5; lessons L26 (GHSA-392p-2q2v-4372), L32 (CVE-2026-9802), L34 (CVE-2026-27840).
 */
import { equal } from '../../crypto/equal.ts'
import { lockUser } from '../lock.ts'
import { note } from '../profile/note.ts'
import type { AccountsDatabase, AccountsTransaction, RefreshRow, UserRow } from '../schema.ts'
import { storable } from '../sessions/issue.ts'
import { rolesIn } from '../tenants/members.ts'
import type { Origin } from '../types.ts'
import type { Decided } from './app-issue.ts'
import { endOf } from './app-row.ts'
import type { Refreshed, TokenSetting } from './app-types.ts'
import type { RefreshTexts, SentRefresh } from './refresh-text.ts'

export interface Refreshing {
  readonly database: AccountsDatabase
  readonly tokens: TokenSetting
  readonly texts: RefreshTexts
  readonly random: (bytes: number) => string
}

type Reason = Extract<Refreshed, { ok: false }>['reason']

/** Whose it was, and why it was refused; the family stands there when the text was once a token of it. */
export interface NotRefreshed {
  readonly problem: Reason
  readonly family?: Pick<RefreshRow, 'id' | 'user_id' | 'client'>
}

/** How long the direct predecessor still gets its successor. */
export const GRACE = 10_000
const SALT_BYTES = 32

/** One transaction, with the user locked: of many with the same token one rotates, and the others find that it was done. */
export async function refreshApp(
  setting: Refreshing,
  sent: SentRefresh,
  from: Origin,
  now: number,
): Promise<Decided | NotRefreshed> {
  const { database, texts, tokens } = setting
  const first = await database.kysely.selectFrom('hf_refresh').select('hash').where('id', '=', sent.family).executeTakeFirst()
  // What was never ours costs one look: no transaction, in which others would wait.
  if (first === undefined || !(equal(sent.hash, first.hash) || texts.isOurs(sent))) return { problem: 'unknown' }
  return await database.transaction(async (tx) => {
    const found = await lockFamily(tx, database, sent)
    if (found === undefined) return { problem: 'unknown' }
    const { row, user, tenantRoles } = found
    const known = equal(sent.hash, row.hash) ? 'current' : texts.isOurs(sent) ? 'older' : undefined
    if (known === undefined) return { problem: 'unknown' }
    const refusal = refuse(found, tokens, now)
    if (refusal !== undefined) return { problem: refusal, family: row }
    if (known === 'current') return await rotate(tx, setting, { sent, row, user, tenantRoles, from, now })
    return repeat(setting, { sent, row, user, tenantRoles, now }) ?? (await endFamily(tx, row, now))
  })
}

interface Family {
  readonly row: RefreshRow
  readonly user: UserRow
  /** Stored roles of the user in the tenant that the app acts in; absent where it acts in none, and where the user left it. */
  readonly tenantRoles: string | undefined
}

async function lockFamily(
  tx: AccountsTransaction,
  { dialect }: AccountsDatabase,
  { family }: SentRefresh,
): Promise<Family | undefined> {
  const owner = await tx.selectFrom('hf_refresh').select('user_id').where('id', '=', family).executeTakeFirst()
  const user = owner && (await lockUser(tx, dialect, owner.user_id))
  const row = user && (await tx.selectFrom('hf_refresh').selectAll().where('id', '=', family).executeTakeFirst())
  return row && { row, user, tenantRoles: row.tenant_id === null ? undefined : await rolesIn(tx, row.tenant_id, user.id) }
}

function refuse({ row, user, tenantRoles }: Family, tokens: TokenSetting, now: number): Reason | undefined {
  const left = row.tenant_id !== null && tenantRoles === undefined
  if (row.ended_at !== null || left) return 'ended'
  if (now >= endOf(row, tokens)) return 'expired'
  return user.status === 'active' && user.kind === 'person' ? undefined : 'user-disabled'
}

interface Use extends Family {
  readonly sent: SentRefresh
  readonly now: number
}

async function rotate(
  tx: AccountsTransaction,
  { texts, random }: Refreshing,
  { sent, row, user, tenantRoles, from, now }: Use & { readonly from: Origin },
): Promise<Decided> {
  const salt = random(SALT_BYTES)
  const { text, hash } = texts.next(sent, salt)
  const rotated = {
    ...{ generation: row.generation + 1, hash, previous_hash: row.hash, salt, rotated_at: now, seen_at: now },
    ...{ address: storable(from.address, 64), user_agent: storable(from.userAgent, 256) },
  }
  await tx.updateTable('hf_refresh').set(rotated).where('id', '=', row.id).execute()
  return { row: { ...row, ...rotated }, user, tenantRoles, refresh: text }
}

/** The same successor once more; `undefined` when it is none of ours any more, and the token therefore a replay. */
function repeat({ texts }: Refreshing, { sent, row, user, tenantRoles, now }: Use): Decided | undefined {
  const direct = equal(sent.hash, row.previous_hash) && now - row.rotated_at <= GRACE
  if (!direct) return undefined
  const { text, hash } = texts.next(sent, row.salt)
  return equal(hash, row.hash) ? { row, user, tenantRoles, refresh: text } : undefined
}

async function endFamily(tx: AccountsTransaction, row: RefreshRow, now: number): Promise<NotRefreshed> {
  await tx.updateTable('hf_refresh').set({ ended_at: now, ended_by: 'reused' }).where('id', '=', row.id).execute()
  await note(tx, { userId: row.user_id, about: 'token-reused', now })
  return { problem: 'reused', family: row }
}
