/**
 * What apps need beside a way in: tokens for a session that was just proved, new ones for old ones, the end of both, and the public
 * keys. Tokens are answered to POST alone, so that no link and no picture can fetch one (L72; CVE-2021-21241).
 * Source: RFC 6749 §5 and §6, RFC 7009 (revocation), RFC 7517 §5 (JWK Set), RFC 8414; OWASP ASVS 5.0 10.4.
 */
import { json, originOf, sentForm } from '../../../console/form.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { answer, deny, type Reply } from '../../../engine/reply.ts'
import { DONE, objectOf, type Operation } from '../../../http/openapi.ts'
import { Session } from '../../session/slot.ts'
import { answerApp, readAsked, TENANT, TOKENS, tokensReply } from '../as-tokens.ts'
import type { Desk } from '../desk.ts'
import { defineDoor, type OpenDoor } from './door.ts'

const NOBODY = deny(401, 'sign-in-required')
const PROVE = deny(401, 'recent-proof-required', { reason: 'tokens for an app' })
const NAMELESS = deny(422, 'client-invalid', { reason: 'an app without a name' })
/** One answer for everything that is wrong with a refresh token. */
const INVALID = deny(401, 'invalid-token', { head: { 'www-authenticate': 'Bearer error="invalid_token"' } })
const RECENT = 600_000
const JWKS_PATH = '/.well-known/jwks.json'
/** Shorter than a key is published before it signs. */
const JWKS_HEAD = { 'content-type': 'application/jwk-set+json', 'cache-control': 'public, max-age=900' }

export const tokens = defineDoor({
  name: 'tokens',
  read: (_, base) => (base.tokens ? { at: base.tokensPath } : undefined),
  paths: ({ at }) => [
    { path: `${at}/token`, open: false },
    { path: `${at}/refresh`, open: true },
    { path: `${at}/revoke`, open: true },
    { path: JWKS_PATH, open: true },
  ],
  operations: ({ at }) => operations(at),
  start: serve,
})

function serve({ accounts }: Desk, { at }: { readonly at: string }): OpenDoor {
  const { tokens } = accounts

  /** Tokens outlive the session, so whoever finds an unlocked screen must not get them. */
  async function begin(x: Exchange): Promise<Reply> {
    const current = x.get(Session)
    if (!current) return NOBODY
    if (x.time - current.principal.provedAt > RECENT) return PROVE
    const asked = readAsked(sentForm(x))
    if (asked === undefined) return NAMELESS
    return answerApp(await tokens.begin({ ...asked, session: current.token.reveal(), keep: true }, originOf(x)))
  }

  async function refresh(x: Exchange): Promise<Reply> {
    const refreshed = await tokens.refresh(sentForm(x).text('refresh_token'), originOf(x))
    return refreshed.ok ? tokensReply(refreshed) : INVALID
  }

  /** The same answer for a token that is none (RFC 7009 §2.2); a store that does not answer is a fault, not a success (L33). */
  async function revoke(x: Exchange): Promise<Reply> {
    await tokens.revoke(sentForm(x).text('token'), x)
    return json({ ok: true })
  }

  async function publish(x: Exchange): Promise<Reply> {
    return answer(200, JWKS_HEAD, JSON.stringify({ keys: await tokens.published(x.time) }))
  }

  return {
    pages: {
      [`${at}/token`]: { act: begin },
      [`${at}/refresh`]: { act: refresh },
      [`${at}/revoke`]: { act: revoke },
      [JWKS_PATH]: { show: publish },
    },
  }
}

function operations(at: string): readonly Operation[] {
  const text = { type: 'string' }
  return [
    {
      ...{ method: 'post', path: `${at}/token`, id: 'signInApp', as: 'session' },
      what: 'Tokens for an app, for a session that was proved in the last ten minutes.',
      body: objectOf({ client: text, scope: text, audience: text, tenant: TENANT }, ['scope', 'audience', 'tenant']),
      answers: {
        200: TOKENS,
        401: { what: 'Nobody is signed in, or the proof is too old.' },
        422: { what: 'What was asked for cannot be given.' },
      },
    },
    {
      ...{ method: 'post', path: `${at}/refresh`, id: 'refreshTokens', as: 'anybody' },
      what: 'New tokens for a refresh token, which is used up.',
      body: objectOf({ refresh_token: text }),
      answers: { 200: TOKENS, 401: { what: 'Not a refresh token that holds now: sign in again.' } },
    },
    {
      ...{ method: 'post', path: `${at}/revoke`, id: 'revokeToken', as: 'anybody' },
      what: 'Signs the app out that the token is of; refresh or access token.',
      body: objectOf({ token: text }),
      answers: { 200: DONE },
    },
    {
      ...{ method: 'get', path: JWKS_PATH, id: 'publicKeys', as: 'anybody' },
      what: 'The public keys of access tokens: of now, of before and of next.',
      answers: {
        200: {
          what: 'A JWK Set (RFC 7517).',
          schema: objectOf({ keys: { type: 'array', items: { type: 'object' } } }),
        },
      },
    },
  ]
}
