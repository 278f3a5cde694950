/**
 * Checks a logout token as OpenID Connect Back-Channel Logout 1.0 sections 2.4 and 2.6 ask: signed by the provider with the one algorithm that we named, from it, for us, of
 * now, an event of logout, about a session or a person, with an id and no nonce: an ID token is none, and a logout token is no ID token.
 */
import { createRemoteJWKSet, customFetch, jwtVerify, type JWTVerifyGetKey } from 'jose'
import type { Outbound } from '../../../outbound/index.ts'
import { LOGOUT_OLDEST, type Provider } from './provider.ts'

export interface LogoutClaims {
  readonly jti: string
  readonly subject: string | undefined
  readonly sid: string | undefined
}

export type LogoutRead = ({ readonly ok: true } & LogoutClaims) | { readonly ok: false; readonly detail: string }

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
const SKEW = 60
const LONGEST = 255

/** The keys of the provider, through the guard for calls to other servers. */
export function keysOf(jwksUri: string, outbound: Outbound): JWTVerifyGetKey {
  return createRemoteJWKSet(new URL(jwksUri), {
    [customFetch]: (url: string, init: { readonly headers: Headers; readonly signal: AbortSignal }) =>
      outbound.fetch(url, { headers: init.headers, signal: init.signal, redirect: 'error' }),
  })
}

export async function readLogoutToken(
  token: string,
  { provider, keys, now }: { readonly provider: Provider; readonly keys: JWTVerifyGetKey; readonly now: number },
): Promise<LogoutRead> {
  const { issuer, clientId, algorithm } = provider
  try {
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      ...{ issuer, audience: clientId, algorithms: [algorithm], clockTolerance: SKEW, currentDate: new Date(now) },
      ...{ requiredClaims: ['iat', 'jti', 'events'], maxTokenAge: LOGOUT_OLDEST },
    })
    // Where it says what it is, it must be that.
    if (protectedHeader.typ !== undefined && !/^(?:application\/)?logout\+jwt$|^JWT$/i.test(protectedHeader.typ))
      return refused('typ')
    if ('nonce' in payload) return refused('nonce')
    const events = payload['events']
    const event: unknown = isObject(events) && Object.hasOwn(events, EVENT) ? events[EVENT] : undefined
    if (!isObject(event)) return refused('events')
    const { jti, sub, sid } = payload
    if (!isText(jti)) return refused('jti')
    if ((sub !== undefined && !isText(sub)) || (sid !== undefined && !isText(sid))) return refused('subject')
    if (sub === undefined && sid === undefined) return refused('nobody')
    return { ok: true, jti, subject: sub, sid: sid as string | undefined }
  } catch (error) {
    const { code } = error as { readonly code?: unknown }
    return refused(typeof code === 'string' ? code.slice(0, 64) : 'unreadable')
  }
}

function refused(detail: string): LogoutRead {
  return { ok: false, detail }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= LONGEST
}
