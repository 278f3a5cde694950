/**
 * Signs an app in: it takes the proofs of a session that the gate has issued a moment ago, second factor included, so that there is no
 * way to a token past the gate. Source: RFC 9700 section 2.2.2; OWASP ASVS 5.0 10.4.5; decision 23.
 */
import { permits } from '../../engine/policy.ts'
import { readId } from '../ids.ts'
import { readLive, takeLive } from '../sessions/live.ts'
import { normaliseName } from '../users/normalise.ts'
import type { Roles } from '../users/roles.ts'
import type { AccountsDatabase, AccountsTransaction, RefreshRow, SessionRow, UserRow } from '../schema.ts'
import { storable } from '../sessions/issue.ts'
import type { SessionLengths } from '../sessions/row.ts'
import { rolesIn } from '../tenants/members.ts'
import type { Origin } from '../types.ts'
import type { AppProblem, NewApp, TokenSetting } from './app-types.ts'
import type { Decided } from './app-issue.ts'
import type { RefreshTexts } from './refresh-text.ts'
import { splitScopes, storedScopes } from './scopes.ts'

export interface Beginning {
  readonly database: AccountsDatabase
  readonly tokens: TokenSetting
  readonly lengths: SessionLengths
  readonly roles: Roles
  /** Those in a tenant. */
  readonly tenantRoles: Roles
  readonly texts: RefreshTexts
  readonly random: (bytes: number) => string
}

interface ReadApp {
  readonly client: string
  readonly scopes: string
  readonly audience: string
  readonly tenant_id: string | null
}

/** Also the session that was taken for it, which ended whatever came of it: nobody holds its token. */
type Begun = (Decided | { readonly problem: 'denied' | AppProblem }) & { readonly took?: Pick<SessionRow, 'id' | 'user_id'> }

const MOST_APPS = 50
const LONGEST_CLIENT = 80
const ID_BYTES = 16
const EVERYTHING = ['*']

/** With the user locked, takes the session, and writes the family if it may be as it was asked for. */
export async function beginApp(setting: Beginning, input: NewApp, from: Origin, now: number): Promise<Begun> {
  return await setting.database.transaction(async (tx) => {
    const taken = await take(tx, setting, input, now)
    if (taken?.user.kind !== 'person') return { problem: 'denied' }
    const { user, row } = taken
    const took = input.keep ? {} : { took: row }
    const read = readApp(input, setting.tokens)
    if (typeof read === 'string') return { problem: read, ...took }
    const stored = read.tenant_id === null ? undefined : await rolesIn(tx, read.tenant_id, user.id)
    if (read.tenant_id !== null && stored === undefined) return { problem: 'unknown-tenant', ...took }
    const { permissions } = stored === undefined ? setting.roles.granted(user.roles) : setting.tenantRoles.granted(stored)
    const held = splitScopes(read.scopes).every((scope) => scope === '*' || permits(permissions, scope))
    if (!held) return { problem: 'scope-not-held', ...took }
    return { ...(await insert(tx, setting, { user, stored, session: row, read, from, now })), ...took }
  })
}

function readApp({ client, scopes = EVERYTHING, audience, tenant }: NewApp, { audiences }: TokenSetting): ReadApp | AppProblem {
  const name = normaliseName(client)
  if (!name.ok || name.value.length > LONGEST_CLIENT) return 'client-invalid'
  const stored = storedScopes(scopes)
  if (stored === undefined) return 'scope-invalid'
  const wanted = audience ?? audiences[0]!
  if (!audiences.includes(wanted)) return 'audience-unknown'
  return { client: name.value, scopes: stored, audience: wanted, tenant_id: tenant === undefined ? null : readId(tenant) }
}

/** The session, ended unless it is kept; of many who take it at once one gets it. */
async function take(tx: AccountsTransaction, { database, lengths }: Beginning, { session, keep = false }: NewApp, now: number) {
  if (keep) return await readLive(tx, database, session, { now, lengths })
  return await takeLive(tx, database, session, { now, lengths, reason: 'became-app' })
}

interface Insertion {
  readonly user: UserRow
  /** Their roles in the tenant. */
  readonly stored: string | undefined
  readonly session: SessionRow
  readonly read: ReadApp
  readonly from: Origin
  readonly now: number
}

async function insert(
  tx: AccountsTransaction,
  { texts, tokens, random }: Beginning,
  { user, stored, session, read, from, now }: Insertion,
): Promise<Decided> {
  const id = random(ID_BYTES)
  const { text, hash } = texts.first(id)
  const row: RefreshRow = {
    ...{ id, user_id: user.id, ...read, proofs: session.proofs, aal: session.aal },
    ...{ created_at: now, seen_at: now, expires_at: now + tokens.absolute, ended_at: null, ended_by: null },
    ...{ address: storable(from.address, 64), user_agent: storable(from.userAgent, 256) },
    ...{ generation: 1, hash, previous_hash: '', salt: '', rotated_at: 0 },
  }
  await makeRoom(tx, user.id, now)
  await tx.insertInto('hf_refresh').values(row).execute()
  return { row, user, tenantRoles: stored, refresh: text }
}

/** Whoever has very many loses those that were used longest ago. */
async function makeRoom(tx: AccountsTransaction, userId: string, now: number): Promise<void> {
  const many = await tx
    .selectFrom('hf_refresh')
    .select('id')
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
    .orderBy('seen_at', 'desc')
    .orderBy('id')
    .execute()
  const over = many.slice(MOST_APPS - 1).map(({ id }) => id)
  if (over.length === 0) return
  await tx.updateTable('hf_refresh').set({ ended_at: now, ended_by: 'too-many' }).where('id', 'in', over).execute()
}
