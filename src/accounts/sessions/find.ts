/**
 * The hot path: from a token to who asks, with one prepared statement, at every request. What was changed about the user since
 * (disabled, other roles) holds at once, because the user's row is read with the session's.
 *
 * The row comes as one text: on the embedded database each column that crosses into JavaScript costs more than finding the row.
 */
import { after } from '../../store/maybe.ts'
import type { MaybePromise } from '../../store/database.ts'
import type { Roles } from '../users/roles.ts'
import type { AccountsDatabase } from '../schema.ts'
import { toActive, toPrincipal, toSession, type SessionLengths } from './row.ts'
import { hashOfToken } from './token.ts'
import type { FindActing } from '../impersonation/find.ts'
import type { FoundCache } from './found-cache.ts'
import type { LiveSession, SessionFound } from '../types.ts'

/** A session that holds, as it is remembered for a moment. */
export type Live = Extract<SessionFound, { ok: true }>

interface Setting {
  readonly database: AccountsDatabase
  readonly roles: Roles
  /** Those in a tenant. */
  readonly tenantRoles: Roles
  readonly lengths: SessionLengths
  readonly cache: FoundCache<Live>
  /** Who asks, while a session acts as somebody else. */
  readonly acting: FindActing
}

interface Asked {
  readonly token: string
  readonly hash: string
  readonly now: number
  /** The generation of the cache when the look-up began. */
  readonly began: number
}

/** Unit separator: no control character is ever stored in these columns. */
const SEPARATOR = '\x1f'
/** What people and browsers wrote comes last; an odd number of parts is refused, so that no text can pose as another column. */
const COLUMNS = [
  "CASE WHEN s.ended_at IS NULL THEN u.status WHEN s.ended_by = 'rotated' THEN 'rotated:' || s.ended_at ELSE 'ended' END",
  "CASE WHEN s.epoch = u.epoch THEN 'current' ELSE 'outdated' END",
  'coalesce(s.bound_at, 0)',
  ...['s.id', 's.user_id', 's.created_at', 's.seen_at', 's.expires_at', 's.aal', 's.version', 'u.roles', 's.proofs', 's.address'],
  // Of the tenant it acts in, as long as the user belongs to it: who was removed acts in none at the next request.
  ...["coalesce(m.tenant_id, '')", "coalesce(m.roles, '')"],
  ...["coalesce(s.as_user_id, '')", 'coalesce(s.as_since, 0)'],
  ...['s.user_agent', 's.data', 'u.login', 'u.name'],
]
type Fields = readonly [
  state: string,
  epoch: string,
  boundAt: string,
  id: string,
  userId: string,
  createdAt: string,
  seenAt: string,
  expiresAt: string,
  aal: string,
  version: string,
  roles: string,
  proofs: string,
  address: string,
  tenantId: string,
  tenantRoles: string,
  asUserId: string,
  asSince: string,
  userAgent: string,
  data: string,
  login: string,
  name: string,
]
const SELECT = `SELECT concat_ws('${SEPARATOR}', ${COLUMNS.join(', ')}) AS row
  FROM hf_sessions s JOIN hf_users u ON u.id = s.user_id
  LEFT JOIN hf_memberships m ON m.user_id = coalesce(s.as_user_id, s.user_id) AND m.tenant_id = s.tenant_id WHERE s.hash = ?`
const TOUCH = 'UPDATE hf_sessions SET seen_at = ? WHERE hash = ? AND ended_at IS NULL AND seen_at < ?'

const ROTATED_AT = 'rotated:'
/** How long a request that a browser sent before it had the next token may be on the way: milliseconds. */
const ON_THE_WAY = 10_000

const refused = (reason: Extract<SessionFound, { ok: false }>['reason']): SessionFound => Object.freeze({ ok: false, reason })
const MALFORMED = refused('malformed')
const UNKNOWN = refused('unknown')
const EXPIRED = refused('expired')
const ENDED = refused('ended')
const ROTATED = refused('rotated')
const USER_DISABLED = refused('user-disabled')

/**
 * Makes the look-up. Synchronous on an embedded database: about 6 µs, of which 5 are the database's.
 * What is malformed is refused before the database sees it; use is noted once a minute, not at every request.
 */
export function createFinder({
  database,
  roles,
  tenantRoles,
  lengths,
  cache,
  acting,
}: Setting): (token: string, now: number) => MaybePromise<SessionFound> {
  const select = database.statement<{ readonly row: string }>(SELECT)
  const touch = database.statement(TOUCH)
  const touchEvery = Math.min(60_000, lengths.idle / 4)

  function judge(found: { readonly row: string } | undefined, given: Asked): MaybePromise<SessionFound> {
    if (found === undefined) return UNKNOWN
    const { token, hash, now, began } = given
    const fields = found.row.split(SEPARATOR)
    if (!isWhole(fields))
      throw new Error('A user or session holds a control character, which only a write past Holdfast can put there.')
    const [state, epoch, bound] = fields
    if (state === 'ended') return ENDED
    if (state.startsWith(ROTATED_AT)) return now - Number(state.slice(ROTATED_AT.length)) < ON_THE_WAY ? ROTATED : ENDED
    const row = toColumns(fields)
    const session = toSession(row, lengths)
    if (now >= session.expiresAt || now >= session.idleAt) return EXPIRED
    if (state !== 'active') return USER_DISABLED
    const tenant = row.tenantId === '' ? undefined : toActive(row.tenantId, row.tenantRoles, tenantRoles)
    const principal = toPrincipal(session, row, roles.granted(row.roles), tenant)
    const whose = { ok: true, rotate: epoch !== 'current', session, principal } as const
    const live = bound === '0' ? whose : { ...whose, boundAt: Number(bound) }
    const due = now - row.seen_at >= touchEvery
    const noted = due ? noteUse(hash, now) : undefined
    if (row.asUserId !== '') {
      const asked = { own: principal, userId: row.asUserId, since: row.asSince, now }
      return after(noted, () => after(acting(asked), (as) => actAs(live, as)))
    }
    if (due) return after(noted, () => live)
    if (!live.rotate) cache.put(token, live, now, began)
    return live
  }

  /** A use that could not be noted makes the session end earlier, never later: no reason to refuse the request. */
  function noteUse(hash: string, now: number): MaybePromise<unknown> {
    try {
      const done = touch.run(now, hash, now)
      return done instanceof Promise ? done.catch(() => undefined) : done
    } catch {
      return undefined
    }
  }

  return (token, now) => {
    // By the token itself, which came with this request in the clear: hashing it would cost as much as all that is saved.
    const known = cache.get(token, now)
    if (known !== undefined && now < known.session.expiresAt && now < known.session.idleAt) return known
    const hash = hashOfToken(token)
    if (hash === undefined) return MALFORMED
    const asked = { token, hash, now, began: cache.generation() }
    const found = select.get(hash)
    return found instanceof Promise ? found.then((later) => judge(later, asked)) : judge(found, asked)
  }
}

/** As the other, or, when that is over, as its own user again, in no tenant, with a new token. */
function actAs(live: Live, principal: LiveSession['principal'] | undefined): Live {
  if (principal !== undefined) return { ...live, principal }
  const { tenant: _, ...own } = live.principal
  return { ...live, principal: own, rotate: true, over: true }
}

function isWhole(fields: readonly string[]): fields is Fields {
  return fields.length === COLUMNS.length
}

function toColumns(fields: Fields) {
  return {
    id: fields[3],
    user_id: fields[4],
    created_at: Number(fields[5]),
    seen_at: Number(fields[6]),
    expires_at: Number(fields[7]),
    aal: Number(fields[8]),
    version: Number(fields[9]),
    roles: fields[10],
    proofs: fields[11],
    address: fields[12],
    tenantId: fields[13],
    tenantRoles: fields[14],
    asUserId: fields[15],
    asSince: Number(fields[16]),
    user_agent: fields[17],
    data: fields[18],
    login: fields[19],
    name: fields[20],
  }
}
