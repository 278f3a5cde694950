/**
 * From an API key to who asks, with one prepared statement. The owner's row is read with the key's, and their membership with a key for
 * a tenant, so a disabled owner, a lowered role or a tenant that was left holds at the next request (L06, L62). The row comes as one text, as in `session-find.ts`.
 */
import type { Principal } from '../../engine/facts.ts'
import type { MaybePromise } from '../../store/database.ts'
import { after } from '../../store/maybe.ts'
import type { FoundCache } from '../sessions/found-cache.ts'
import type { Roles } from '../users/roles.ts'
import type { AccountsDatabase } from '../schema.ts'
import { idOfKey, type SentKey } from './key-text.ts'
import { createReach, type Held, type Reach } from './scopes.ts'
import type { ApiKeyFound } from './types.ts'

export type LiveKey = Extract<ApiKeyFound, { ok: true }>
/** Everything but `throttled`, which is decided before anybody looks. */
export type Looked = LiveKey | { readonly ok: false; readonly reason: Exclude<DeadReason, 'throttled'> }
type DeadReason = Extract<ApiKeyFound, { ok: false }>['reason']

interface Setting {
  /** Past the cache: noting a use changes nothing that was found. */
  readonly database: AccountsDatabase
  readonly roles: Roles
  /** Those in a tenant. */
  readonly tenantRoles: Roles
  readonly cache: FoundCache<LiveKey>
}

const SEPARATOR = '\x1f'
/** Text of people comes last; an odd number of parts is refused, so that no text can pose as another column. */
const COLUMNS = [
  "CASE WHEN k.revoked_at IS NULL THEN u.status ELSE 'revoked' END",
  ...['expires_at', 'last_used_at', 'per_minute'].map((column) => `COALESCE(CAST(k.${column} AS text), '')`),
  ...["coalesce(k.tenant_id, '')", "coalesce(m.tenant_id, '')", "coalesce(m.roles, '')"],
  ...['k.id', 'k.user_id', 'k.scopes', 'u.roles', 'u.login', 'u.name'],
]
type Fields = readonly [
  state: string,
  expiresAt: string,
  lastUsedAt: string,
  perMinute: string,
  tenantId: string,
  memberOf: string,
  tenantRoles: string,
  id: string,
  userId: string,
  scopes: string,
  roles: string,
  login: string,
  name: string,
]
const SELECT = `SELECT concat_ws('${SEPARATOR}', ${COLUMNS.join(', ')}) AS row
  FROM hf_api_keys k JOIN hf_users u ON u.id = k.user_id
  LEFT JOIN hf_memberships m ON m.user_id = k.user_id AND m.tenant_id = k.tenant_id`
const BY_HASH = `${SELECT} WHERE k.hash = ?`
const BY_ID = `${SELECT} WHERE k.id = ? AND k.user_id = ?`
const TOUCH = 'UPDATE hf_api_keys SET last_used_at = ? WHERE hash = ? AND (last_used_at IS NULL OR last_used_at <= ?)'
const TOUCH_EVERY = 60_000

/** RFC 8176 has no method for a secret that a program carries; this value is our own, and says so rather than pose as `pwd` or `pop`. */
const AMR: readonly string[] = Object.freeze(['key'])

const refused = (reason: Exclude<DeadReason, 'throttled'>): Looked => Object.freeze({ ok: false, reason })
const MALFORMED = refused('malformed')
const UNKNOWN = refused('unknown')
const EXPIRED = refused('expired')
const REVOKED = refused('revoked')
const USER_DISABLED = refused('user-disabled')
const TENANT_LEFT = refused('tenant-left')

/** Looks for keys. */
export interface KeyFinder {
  /** Whatever the text is, it costs one statement; use is noted once a minute. */
  find(sent: SentKey, now: number): MaybePromise<Looked>
  /** The same by its public id, without a use. */
  look(userId: string, id: string, now: number): Promise<Looked>
}

/** Makes the look-up. */
export function createKeyFinder({ database, roles, tenantRoles, cache }: Setting): KeyFinder {
  const select = database.statement<{ readonly row: string }>(BY_HASH)
  const selectById = database.statement<{ readonly row: string }>(BY_ID)
  const touch = database.statement(TOUCH)
  const reach = createReach(roles, tenantRoles)

  function judge(row: string | undefined, sent: SentKey, now: number, began: number): MaybePromise<Looked> {
    if (row === undefined) return idOfKey(sent) === undefined ? MALFORMED : UNKNOWN
    const fields = fieldsOf(row)
    const live = judgeFields(fields, reach, now)
    if (!live.ok) return live
    const lastUsedAt = fields[2]
    if (lastUsedAt === '' || now - Number(lastUsedAt) >= TOUCH_EVERY) return after(noteUse(sent.hash, now), () => live)
    cache.put(sent.hash, live, now, began)
    return live
  }

  /** A use that could not be noted is no reason to refuse the request. */
  function noteUse(hash: string, now: number): MaybePromise<unknown> {
    try {
      const done = touch.run(now, hash, now - TOUCH_EVERY)
      return done instanceof Promise ? done.catch(() => undefined) : done
    } catch {
      return undefined
    }
  }

  return {
    find(sent, now) {
      const known = cache.get(sent.hash, now)
      if (known !== undefined && now < (known.key.expiresAt ?? Infinity)) return known
      const began = cache.generation()
      const found = select.get(sent.hash)
      return found instanceof Promise
        ? found.then((later) => judge(later?.row, sent, now, began))
        : judge(found?.row, sent, now, began)
    },

    async look(userId, id, now) {
      const found = await selectById.get(id, userId)
      return found === undefined ? UNKNOWN : judgeFields(fieldsOf(found.row), reach, now)
    },
  }
}

function fieldsOf(row: string): Fields {
  const fields = row.split(SEPARATOR)
  if (isWhole(fields)) return fields
  throw new Error('A user holds a control character, which only a write past Holdfast can put there.')
}

function judgeFields(fields: Fields, reach: (held: Held) => Reach, now: number): Looked {
  const [state, expiresAt, , , tenantId, memberOf] = fields
  if (state === 'revoked') return REVOKED
  if (expiresAt !== '' && now >= Number(expiresAt)) return EXPIRED
  if (state !== 'active') return USER_DISABLED
  // Leaving ends the key; what was taken away past that, or together with the tenant, is found here.
  return tenantId === memberOf ? toLive(fields, reach) : TENANT_LEFT
}

function isWhole(fields: readonly string[]): fields is Fields {
  return fields.length === COLUMNS.length
}

/** `provedAt` is the beginning of time: no person was there, so nothing is recent. */
function toLive(fields: Fields, reach: (held: Held) => Reach): LiveKey {
  const [, expiresAt, , perMinute, tenantId, , tenantRoles, id, userId, scopes, roles, login, name] = fields
  const principal: Principal = {
    id: userId,
    login,
    name,
    ...reach({ roles, scopes, tenant: tenantId === '' ? undefined : { id: tenantId, roles: tenantRoles } }),
    amr: AMR,
    aal: 1,
    provedAt: 0,
    apiKey: id,
  }
  return { ok: true, key: { id, perMinute: optional(perMinute), expiresAt: optional(expiresAt) }, principal }
}

function optional(text: string): number | undefined {
  return text === '' ? undefined : Number(text)
}
