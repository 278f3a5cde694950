/** Writes both tokens of an app that may have them. Called when it signs in and when it refreshes; decides nothing. */
import type { Principal } from '../../engine/facts.ts'
import { Secret } from '../../crypto/secret.ts'
import type { SigningKey } from '../../crypto/signing-key.ts'
import type { Roles } from '../users/roles.ts'
import type { RefreshRow, UserRow } from '../schema.ts'
import { readProofs } from '../sessions/row.ts'
import { signAccess } from './access-text.ts'
import { endOf, toApp } from './app-row.ts'
import type { IssuedTokens, TokenSetting } from './app-types.ts'
import { createReach } from './scopes.ts'

/** What was decided in the transaction. */
export interface Decided {
  readonly row: RefreshRow
  readonly user: UserRow
  /** Stored roles of the user in the tenant that the app acts in. */
  readonly tenantRoles: string | undefined
  readonly refresh: Secret
}

interface Setting {
  readonly tokens: TokenSetting
  readonly roles: Roles
  /** Those in a tenant. */
  readonly tenantRoles: Roles
  readonly random: (bytes: number) => string
}

const ID_BYTES = 16
/** A list of permissions that would not fit into a header is left out: others then see none, and we look them up in any case. */
const LONGEST_SCOPE = 2048

/** Makes the writer. An access token never outlives its app. */
export function createAppIssuer({ tokens, roles, tenantRoles: within, random }: Setting) {
  const reach = createReach(roles, within)

  return async (key: SigningKey, { row, user, tenantRoles, refresh }: Decided, now: number): Promise<IssuedTokens> => {
    const proofs = readProofs(row.proofs)
    const tenant = row.tenant_id === null ? undefined : { id: row.tenant_id, roles: tenantRoles ?? '' }
    const reached = reach({ roles: user.roles, scopes: row.scopes, tenant })
    const amr = [...new Set(proofs.map((proof) => proof.amr))]
    const provedAt = proofs.reduce((latest, { at }) => Math.max(latest, at), 0)
    const principal: Principal = {
      ...{ id: user.id, login: user.login, name: user.name, ...reached },
      ...{ amr, aal: row.aal, provedAt, app: row.id },
    }
    const iat = Math.floor(now / 1000)
    const exp = Math.min(iat + Math.floor(tokens.life / 1000), Math.floor(endOf(row, tokens) / 1000))
    const scope = [...(reached.tenant ?? reached).permissions].toSorted().join(' ')
    const claims = {
      ...{ sub: user.id, kind: 'person' as const, sid: row.id, jti: random(ID_BYTES), iat, exp },
      ...{ auth_time: Math.floor(provedAt / 1000), amr, acr: `aal${row.aal}`, client_id: row.client, epoch: user.epoch },
      scope: scope.length <= LONGEST_SCOPE ? scope : '',
      ...(tenant && { tenant_id: tenant.id }),
    }
    const place = { issuer: tokens.issuer, audience: row.audience }
    const text = await signAccess(key, place, claims, tokens.claims?.(principal))
    return { ok: true, app: toApp(row, tokens), accessToken: new Secret(text), expiresIn: exp - iat, refreshToken: refresh }
  }
}
