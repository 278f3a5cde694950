/**
 * From an access token to who asks. A good signature is half of it: whether the app is still signed in, and the user still who they
 * were, is looked up at every request, so that whatever ends either is effective at once (L06, L62, L109; CVE-2025-53942,
 * CVE-2026-8922). What was found is remembered as sessions are, by the whole token (L98; CVE-2026-35039).
 */
import type { MaybePromise } from '../../store/database.ts'
import type { FoundCache } from '../sessions/found-cache.ts'
import type { Roles } from '../users/roles.ts'
import type { AccountsDatabase } from '../schema.ts'
import { readProofs } from '../sessions/row.ts'
import { readAccess, type ReadClaims } from './access-text.ts'
import type { AccessTokenFound, TokenSetting } from './app-types.ts'
import { endOf } from './app-row.ts'
import { createReach } from './scopes.ts'
import type { SigningKeys } from './signing-keys.ts'

export type LiveToken = Extract<AccessTokenFound, { ok: true }>
type Refused = Extract<AccessTokenFound, { ok: false }>

interface Setting {
  readonly database: AccountsDatabase
  readonly roles: Roles
  /** Those in a tenant. */
  readonly tenantRoles: Roles
  readonly cache: FoundCache<LiveToken>
  readonly signing: Pick<SigningKeys, 'find'>
  readonly tokens: TokenSetting
}

interface Row {
  readonly user_id: string
  readonly status: string
  readonly kind: string
  readonly epoch: number
  readonly roles: string
  readonly login: string
  readonly name: string
  readonly client: string
  readonly scopes: string
  readonly proofs: string
  readonly aal: number
  readonly created_at: number
  readonly seen_at: number
  readonly expires_at: number
  readonly ended_at: number | null
  /** The tenant it acts in. */
  readonly tenant_id: string | null
  /** Roles of its user there; NULL once they are out of it. */
  readonly tenant_roles: string | null
}

const SELECT = `SELECT f.user_id, u.status, u.kind, u.epoch, u.roles, u.login, u.name, f.client, f.scopes, f.proofs, f.aal,
  f.created_at, f.seen_at, f.expires_at, f.ended_at, f.tenant_id, m.roles AS tenant_roles
  FROM hf_refresh f JOIN hf_users u ON u.id = f.user_id
  LEFT JOIN hf_memberships m ON m.user_id = f.user_id AND m.tenant_id = f.tenant_id WHERE f.id = ?`

const refused = (reason: Refused['reason']): Refused => ({ ok: false, reason })

/** Makes the look-up: one signature and one prepared statement, or neither, for a tenth of a second. */
export function createAppFinder({ database, roles, tenantRoles, cache, signing, tokens }: Setting) {
  const select = database.statement<Row>(SELECT)
  const reach = createReach(roles, tenantRoles)
  const { issuer, audiences } = tokens

  function judge(row: Row | undefined, { sub, sid, epoch, exp }: ReadClaims, now: number): AccessTokenFound {
    if (row === undefined || row.user_id !== sub || row.ended_at !== null) return refused('ended')
    if (row.status !== 'active' || row.kind !== 'person') return refused('user-disabled')
    const end = endOf(row, tokens)
    if (now >= end) return refused('expired')
    if (row.epoch !== epoch) return refused('outdated')
    const tenant = tenantOf(row)
    // Leaving ends the app; what was taken away past that is found here.
    if (tenant === 'left') return refused('ended')
    const proofs = readProofs(row.proofs)
    const principal = {
      id: sub,
      login: row.login,
      name: row.name,
      ...reach({ roles: row.roles, scopes: row.scopes, tenant }),
      amr: [...new Set(proofs.map(({ amr }) => amr))],
      aal: row.aal,
      provedAt: proofs.reduce((latest, { at }) => Math.max(latest, at), 0),
      app: sid,
    }
    return { ok: true, app: { id: sid, client: row.client }, principal, expiresAt: Math.min(exp * 1000, end) }
  }

  async function look(text: string, now: number): Promise<AccessTokenFound> {
    const began = cache.generation()
    const keyOf = (id: string) => signing.find(id, now)
    const read = await readAccess(text, { issuer, audience: audiences[0]!, now, keyOf })
    if (!read.ok) return read
    const found = judge(await select.get(read.claims.sid), read.claims, now)
    if (found.ok) cache.put(text, found, now, began)
    return found
  }

  return (text: string, now: number): MaybePromise<AccessTokenFound> => {
    const known = cache.get(text, now)
    return known !== undefined && now < known.expiresAt ? known : look(text, now)
  }
}

function tenantOf({ tenant_id: id, tenant_roles: roles }: Row) {
  if (id === null) return undefined
  return roles === null ? 'left' : { id, roles }
}
