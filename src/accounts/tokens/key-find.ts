/**
 * From an API key to who asks, with one prepared statement. The owner's row is read with the key's, so a disabled owner or a lowered
 * role holds at the next request (L06). The row comes as one text, as in `session-find.ts`.
 */
import type { Principal } from '../../engine/facts.ts'
import type { MaybePromise } from '../../store/database.ts'
import { after } from '../../store/maybe.ts'
import type { FoundCache } from '../found-cache.ts'
import type { Granted, Roles } from '../roles.ts'
import type { AccountsDatabase } from '../schema.ts'
import { idOfKey, type SentKey } from './key-text.ts'
import { createNarrower } from './scopes.ts'
import type { ApiKeyFound } from './types.ts'

export type LiveKey = Extract<ApiKeyFound, { ok: true }>
/** Everything but `throttled`, which is decided before anybody looks. */
export type Looked = LiveKey | { readonly ok: false; readonly reason: Exclude<DeadReason, 'throttled'> }
type DeadReason = Extract<ApiKeyFound, { ok: false }>['reason']

interface Setting {
  /** Past the cache: noting a use changes nothing that was found. */
  readonly database: AccountsDatabase
  readonly roles: Roles
  readonly cache: FoundCache<LiveKey>
}

const SEPARATOR = '\x1f'
/** Text of people comes last; an odd number of parts is refused, so that no text can pose as another column. */
const COLUMNS = [
  "CASE WHEN k.revoked_at IS NULL THEN u.status ELSE 'revoked' END",
  ...['expires_at', 'last_used_at', 'per_minute'].map((column) => `COALESCE(CAST(k.${column} AS text), '')`),
  ...['k.id', 'k.user_id', 'k.scopes', 'u.roles', 'u.login', 'u.name'],
]
type Fields = readonly [
  state: string,
  expiresAt: string,
  lastUsedAt: string,
  perMinute: string,
  id: string,
  userId: string,
  scopes: string,
  roles: string,
  login: string,
  name: string,
]
const SELECT = `SELECT concat_ws('${SEPARATOR}', ${COLUMNS.join(', ')}) AS row
  FROM hf_api_keys k JOIN hf_users u ON u.id = k.user_id WHERE k.hash = ?`
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

/** Makes the look-up. Whatever the text is, it costs one statement; use is noted once a minute. */
export function createKeyFinder({ database, roles, cache }: Setting): (sent: SentKey, now: number) => MaybePromise<Looked> {
  const select = database.statement<{ readonly row: string }>(SELECT)
  const touch = database.statement(TOUCH)
  const narrow = createNarrower(roles)

  function judge(row: string | undefined, sent: SentKey, now: number, began: number): MaybePromise<Looked> {
    if (row === undefined) return idOfKey(sent) === undefined ? MALFORMED : UNKNOWN
    const fields = row.split(SEPARATOR)
    if (!isWhole(fields)) throw new Error('A user holds a control character, which only a write past Holdfast can put there.')
    const [state, expiresAt, lastUsedAt] = fields
    if (state === 'revoked') return REVOKED
    if (expiresAt !== '' && now >= Number(expiresAt)) return EXPIRED
    if (state !== 'active') return USER_DISABLED
    const live = toLive(fields, narrow)
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

  return (sent, now) => {
    const known = cache.get(sent.hash, now)
    if (known !== undefined && now < (known.key.expiresAt ?? Infinity)) return known
    const began = cache.generation()
    const found = select.get(sent.hash)
    return found instanceof Promise
      ? found.then((later) => judge(later?.row, sent, now, began))
      : judge(found?.row, sent, now, began)
  }
}

function isWhole(fields: readonly string[]): fields is Fields {
  return fields.length === COLUMNS.length
}

/** `provedAt` is the beginning of time: no person was there, so nothing is recent. */
function toLive(fields: Fields, narrow: (roles: string, scopes: string) => Granted): LiveKey {
  const [, expiresAt, , perMinute, id, userId, scopes, roles, login, name] = fields
  const granted = narrow(roles, scopes)
  const principal: Principal = {
    id: userId,
    login,
    name,
    roles: granted.roles,
    permissions: granted.permissions,
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
