/** What an error of the protocol means for the person, and which code stands in the log. The provider's own words are never shown. */
import { AuthorizationResponseError, ResponseBodyError } from 'openid-client'
import { OutboundError } from '../../../outbound/index.ts'
import type { ProviderFailure } from './provider.ts'

export const REFUSED = { ok: false, reason: 'refused' } as const

/** What a provider says when the person did not want to (RFC 6749 section 4.1.2.1, OpenID Connect Core 1.0 section 3.1.2.6). */
const UNWANTED = new Set([
  'access_denied',
  'login_required',
  'interaction_required',
  'consent_required',
  'account_selection_required',
])
const AWAY = new Set(['temporarily_unavailable', 'server_error'])
const CODE = /^[\w.-]{1,64}$/

/** Never rejects, and never says more than a code: a message may hold what the provider wrote. */
export function failureOf(error: unknown): ProviderFailure {
  const outbound = inside(error, OutboundError)
  if (outbound) {
    const { reason } = outbound
    const answered = reason === 'too-large' || reason === 'malformed'
    return { ok: false, reason: answered || outbound.refused ? 'refused' : 'unavailable', detail: `outbound-${reason}` }
  }
  if (error instanceof AuthorizationResponseError) {
    const code = CODE.test(error.error) ? error.error : 'error'
    if (UNWANTED.has(code)) return { ok: false, reason: 'cancelled', detail: code }
    return { ok: false, reason: AWAY.has(code) ? 'unavailable' : 'refused', detail: code }
  }
  if (error instanceof ResponseBodyError) return { ...REFUSED, detail: CODE.test(error.error) ? error.error : 'error' }
  const { code, name } = (error ?? {}) as { readonly code?: unknown; readonly name?: unknown }
  if (code === 'OAUTH_TIMEOUT' || code === 'OAUTH_ABORT') return { ok: false, reason: 'unavailable', detail: code }
  const known = typeof code === 'string' ? code : String(name)
  return { ...REFUSED, detail: CODE.test(known) ? known : 'unknown' }
}

function inside<T>(error: unknown, kind: new (...parameters: any[]) => T): T | undefined {
  let current = error
  for (let depth = 0; depth < 5 && current instanceof Error; depth++) {
    if (current instanceof kind) return current
    current = current.cause
  }
  return undefined
}
