/**
 * API keys: made once, shown once, kept as a hash, bounded by what their owner may do and by a last day, ended at once.
 * Source: OWASP ASVS 5.0, 11.5.1, 8.2.1, 7.4.2; OWASP REST Security Cheat Sheet ("API Keys"); lessons L06, L34, L37, L38.
 */
import { act } from '../../engine/act.ts'
import type { Emit } from '../../engine/events.ts'
import { permits } from '../../engine/policy.ts'
import type { AtomicStore } from '../../store/atomic.ts'
import type { MaybePromise } from '../../store/database.ts'
import type { FoundCache } from '../sessions/found-cache.ts'
import { nameOf, readId } from '../ids.ts'
import { lockUser } from '../lock.ts'
import { note } from '../profile/note.ts'
import type { Granted, Roles } from '../users/roles.ts'
import type { AccountsDatabase, AccountsTransaction, ApiKeyRow, UserRow } from '../schema.ts'
import { rolesIn } from '../tenants/members.ts'
import type { Limits } from '../throttle/throttle.ts'
import type { Actor, Origin } from '../types.ts'
import { endKeys } from './end-keys.ts'
import { createKeyFinder, type LiveKey, type Looked } from './key-find.ts'
import { idOfKey, mintKey, readKey, type SentKey } from './key-text.ts'
import { createKeyThrottle } from './key-throttle.ts'
import { readNewKey, type ReadKey } from './new-key.ts'
import { splitScopes } from './scopes.ts'
import type { ApiKey, ApiKeyCreated, ApiKeyFound, ApiKeys } from './types.ts'

interface Setting {
  /** Through which all of accounts writes. */
  readonly database: AccountsDatabase
  /** The same, for what changes nothing that was found. */
  readonly quietDatabase: AccountsDatabase
  readonly once: AtomicStore
  readonly roles: Roles
  /** Those in a tenant. */
  readonly tenantRoles: Roles
  readonly limits: Limits
  readonly cache: FoundCache<LiveKey>
  readonly emit: Emit
  readonly now: () => number
  readonly random: (bytes: number) => string
}

type Refusal = Extract<ApiKeyCreated, { ok: false }>['reason']

const MOST_KEYS = 50
const MOST_LISTED = 200
const REMEMBERED = 90 * 86_400_000

/** Makes the service. */
export function createApiKeys(setting: Setting): ApiKeys {
  const { database, once, roles, tenantRoles, limits, cache, emit, now, random } = setting
  const { kysely, dialect } = database
  const { find, look } = createKeyFinder({ database: setting.quietDatabase, roles, tenantRoles, cache })
  const throttle = createKeyThrottle({ once, limits })

  /** Counted before it is looked for: what a suspect sends may be a guess. */
  async function admitSuspect(sent: SentKey, from: Origin, at: number): Promise<ApiKeyFound> {
    const leave = await throttle.take(from, at)
    if (!leave.ok) return refuseUnseen(sent, from, leave.retryAfter)
    const found = await find(sent, at)
    if (!found.ok) return refuse(found, sent, from)
    await throttle.giveBack(from, sent.hash, at)
    return found
  }

  async function countFailure(found: Looked, sent: SentKey, from: Origin, at: number): Promise<ApiKeyFound> {
    const leave = await throttle.take(from, at)
    return leave.ok ? refuse(found, sent, from) : refuseUnseen(sent, from, leave.retryAfter)
  }

  function refuse(found: Looked, sent: SentKey, from: Origin): ApiKeyFound {
    if (found.ok) return found
    const type = found.reason === 'revoked' ? 'authn_token_reuse' : 'authn_token_fail'
    emit({ type, data: { reason: found.reason, key: idOfKey(sent) } }, from.exchange)
    return found
  }

  function refuseUnseen(sent: SentKey, from: Origin, retryAfter: number): ApiKeyFound {
    emit({ type: 'authn_token_fail', data: { reason: 'throttled', key: idOfKey(sent) } }, from.exchange)
    return { ok: false, reason: 'throttled', retryAfter }
  }

  function settle(found: Looked, sent: SentKey, from: Origin, at: number): MaybePromise<ApiKeyFound> {
    if (!found.ok) return countFailure(found, sent, from, at)
    throttle.remember(sent.hash, at)
    return found
  }

  /** What the owner may where the key is to act; nothing where they do not belong to the tenant. */
  async function grantedTo(tx: AccountsTransaction, owner: UserRow, tenantId: string | null): Promise<Granted | undefined> {
    if (tenantId === null) return roles.granted(owner.roles)
    const stored = await rolesIn(tx, tenantId, owner.id)
    return stored === undefined ? undefined : tenantRoles.granted(stored)
  }

  /** Everything about the owner is asked while their row is held, so that two keys of one name cannot both be made. */
  async function insert(tx: AccountsTransaction, input: ReadKey, row: ApiKeyRow, at: number): Promise<Refusal | undefined> {
    const owner = await lockUser(tx, dialect, row.user_id)
    if (!owner) return 'unknown-user'
    if (owner.status !== 'active') return 'user-disabled'
    const seal = await tx.selectFrom('hf_seals').select('id').where('user_id', '=', owner.id).limit(1).executeTakeFirst()
    if (seal) return 'sealed-account'
    const granted = await grantedTo(tx, owner, row.tenant_id)
    if (!granted) return 'unknown-tenant'
    if (!input.scopes.every((scope) => permits(granted.permissions, scope))) return 'scope-not-held'
    const living = await tx
      .selectFrom('hf_api_keys')
      .select('name')
      .where('user_id', '=', owner.id)
      .where('revoked_at', 'is', null)
      .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', at)]))
      .execute()
    if (living.some(({ name }) => name === row.name)) return 'name-taken'
    if (living.length >= MOST_KEYS) return 'too-many'
    await tx.insertInto('hf_api_keys').values(row).execute()
    await note(tx, { userId: owner.id, about: 'key-created', now: at })
    return undefined
  }

  return {
    admit(text, from, at) {
      const sent = readKey(text)
      if (throttle.suspects(from, sent.hash, at)) return admitSuspect(sent, from, at)
      const found = find(sent, at)
      return found instanceof Promise ? found.then((later) => settle(later, sent, from, at)) : settle(found, sent, from, at)
    },

    look: (userId, keyId, at) => look(readId(userId), readId(keyId), at),

    async create(given, actor, x) {
      const at = now()
      const read = readNewKey(given, at)
      if (!read.ok) return read
      const { input } = read
      const minted = mintKey(random)
      const row = toRow(input, minted, actor, at)
      const { insecureNoExpiry } = given
      const place = row.tenant_id === null ? {} : { tenant: row.tenant_id }
      const data = { userId: row.user_id, key: row.id, name: row.name, scopes: input.scopes, expiresAt: row.expires_at, ...place }
      const problem = await act(database, emit, async (tx, tell) => {
        const found = await insert(tx, input, row, at)
        if (found === undefined)
          await tell({ type: 'authn_token_created', data: { ...data, actor: nameOf(actor), insecureNoExpiry } }, x)
        return found
      })
      if (problem !== undefined) return { ok: false, reason: problem }
      return { ok: true, key: toKey(row, at), text: minted.text }
    },

    async list(userId, at) {
      const rows = await kysely
        .selectFrom('hf_api_keys')
        .selectAll()
        .where('user_id', '=', readId(userId))
        .orderBy('created_at', 'desc')
        .orderBy('id')
        .limit(MOST_LISTED)
        .execute()
      return rows.map((row) => toKey(row, at))
    },

    async revoke(id, keyId, actor, x) {
      const userId = readId(id)
      return await act(database, emit, async (tx, tell) => {
        const { numUpdatedRows } = await tx
          .updateTable('hf_api_keys')
          .set({ revoked_at: now(), revoked_by: 'revoked' })
          .where('user_id', '=', userId)
          .where('id', '=', readId(keyId))
          .where('revoked_at', 'is', null)
          .executeTakeFirst()
        if (numUpdatedRows !== 1n) return false
        await tell({ type: 'authn_token_revoked', data: { userId, keys: [keyId], reason: 'revoked', actor: nameOf(actor) } }, x)
        return true
      })
    },

    async revokeAll(id, actor, x) {
      const userId = readId(id)
      return await act(database, emit, async (tx, tell) => {
        const keys = await endKeys(tx, 'revoked', userId, now())
        if (keys.length > 0)
          await tell({ type: 'authn_token_revoked', data: { userId, keys, reason: 'revoked', actor: nameOf(actor) } }, x)
        return keys.length
      })
    },

    async sweep(at) {
      const long = at - REMEMBERED
      const gone = await setting.quietDatabase.kysely
        .deleteFrom('hf_api_keys')
        .where((eb) => eb.or([eb('expires_at', '<', long), eb('revoked_at', '<', long)]))
        .executeTakeFirst()
      return Number(gone.numDeletedRows)
    },
  }
}

function toRow(
  input: ReadKey,
  { id, hash }: { readonly id: string; readonly hash: string },
  actor: Actor,
  at: number,
): ApiKeyRow {
  return {
    hash,
    id,
    user_id: input.userId,
    name: input.name,
    scopes: input.stored,
    per_minute: input.perMinute ?? null,
    created_at: at,
    created_by: nameOf(actor),
    expires_at: input.expiresAt ?? null,
    last_used_at: null,
    revoked_at: null,
    revoked_by: null,
    tenant_id: input.tenantId ?? null,
  }
}

function toKey(row: ApiKeyRow, at: number): ApiKey {
  const expired = row.expires_at !== null && row.expires_at <= at
  return {
    id: row.id,
    userId: row.user_id,
    name: row.name,
    tenant: row.tenant_id ?? undefined,
    scopes: splitScopes(row.scopes),
    perMinute: row.per_minute ?? undefined,
    status: row.revoked_at === null ? (expired ? 'expired' : 'active') : 'revoked',
    createdAt: row.created_at,
    expiresAt: row.expires_at ?? undefined,
    lastUsedAt: row.last_used_at ?? undefined,
  }
}
