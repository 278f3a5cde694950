/**
 * Which API keys and apps that act in a tenant end with what happened to their owner there: read from the one table, `fan-out.ts`.
 * Source: OWASP ASVS 5.0, 7.4.2, 8.4.1; lessons L06, L62.
 */
import { permits } from '../../engine/policy.ts'
import type { Tell } from '../../engine/act.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { FAN_OUT, type Happening } from '../fan-out.ts'
import type { AccountsTransaction } from '../schema.ts'
import { endApps } from './end-apps.ts'
import { splitScopes } from './scopes.ts'

/** What happened to somebody in one tenant. */
export interface Belonging {
  readonly userId: string
  readonly tenantId: string
  /** What their roles permit there now; nothing once they are out of it. */
  readonly permissions: ReadonlySet<string>
}

/** Public ids of what ended. */
export interface EndedInTenant {
  readonly keys: readonly string[]
  readonly apps: readonly string[]
}

/** Does what the table says, in the transaction of the change itself. The user is locked before. */
export async function endInTenant(
  tx: AccountsTransaction,
  happening: Happening,
  belonging: Belonging,
  now: number,
): Promise<EndedInTenant> {
  const row = FAN_OUT[happening]
  const { userId, tenantId } = belonging
  return {
    keys: 'tenantKeys' in row ? await endKeysThere(tx, happening, { ...belonging, effect: row.tenantKeys }, now) : [],
    apps: 'tenantApps' in row ? await endApps(tx, { userId, tenantId, by: happening, now }) : [],
  }
}

/** Says it, in the transaction. */
export async function reportInTenant(
  tell: Tell,
  { keys, apps }: EndedInTenant,
  data: { readonly userId: string; readonly reason: Happening; readonly tenant: string; readonly actor: string },
  x?: Exchange,
): Promise<void> {
  if (keys.length > 0) await tell({ type: 'authn_token_revoked', data: { ...data, keys } }, x)
  if (apps.length > 0) await tell({ type: 'session_ended', data: { ...data, sessions: apps } }, x)
}

/** `end-beyond`: those that were given more than their owner may there now. A key is not less for a while and then more again. */
async function endKeysThere(
  tx: AccountsTransaction,
  happening: Happening,
  { userId, tenantId, permissions, effect }: Belonging & { readonly effect: 'end' | 'end-beyond' },
  now: number,
): Promise<readonly string[]> {
  const living = await tx
    .selectFrom('hf_api_keys')
    .select(['id', 'scopes'])
    .where('user_id', '=', userId)
    .where('tenant_id', '=', tenantId)
    .where('revoked_at', 'is', null)
    .execute()
  const within = (scopes: string) => splitScopes(scopes).every((scope) => permits(permissions, scope))
  const ends = living.filter(({ scopes }) => effect === 'end' || !within(scopes)).map(({ id }) => id)
  if (ends.length === 0) return ends
  await tx.updateTable('hf_api_keys').set({ revoked_at: now, revoked_by: happening }).where('id', 'in', ends).execute()
  return ends
}
