/** From a stored family of refresh tokens to an app as it is listed. */
import type { RefreshRow } from '../schema.ts'
import type { App, TokenSetting } from './app-types.ts'
import { splitScopes } from './scopes.ts'

type Lengths = Pick<TokenSetting, 'idle' | 'absolute'>

export function toApp(row: RefreshRow, lengths: Lengths): App {
  return {
    id: row.id,
    userId: row.user_id,
    client: row.client,
    audience: row.audience,
    tenant: row.tenant_id ?? undefined,
    scopes: splitScopes(row.scopes),
    createdAt: row.created_at,
    seenAt: row.seen_at,
    expiresAt: endOf(row, lengths),
    aal: row.aal,
    address: row.address,
    userAgent: row.user_agent,
  }
}

/** The shorter of what it was given and what is configured now: an operator who shortens it shortens those that live. */
export function endOf(row: Pick<RefreshRow, 'created_at' | 'seen_at' | 'expires_at'>, { idle, absolute }: Lengths): number {
  return Math.min(row.expires_at, row.created_at + absolute, row.seen_at + idle)
}
