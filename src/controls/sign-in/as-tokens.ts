/**
 * For apps: a sign-in at any of the doors that says `"as": "token"` is answered with tokens in place of a cookie. The gate decides as
 * it does for everybody; what it issued becomes the app's here, so that no door needs to know of it. A sign-in that waits for its
 * second factor is named by the body then, since an app has no cookies. Source: RFC 6749 §5.1; RFC 9700 §2.2; decision 23.
 */
import type { AppBegun, NewSession } from '../../accounts/types.ts'
import { json, originOf, sentForm, type Sent } from '../../console/form.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { deny, type Reply } from '../../engine/reply.ts'
import { objectOf, type Operation, type OperationAnswer } from '../../http/openapi.ts'
import { sentSession, Session } from '../session/slot.ts'
import { SIGNED_IN } from './answers.ts'
import type { Desk } from './desk.ts'
import { AsTokens } from './slot.ts'

type Asked = Pick<Parameters<Desk['accounts']['tokens']['begin']>[0], 'client' | 'scopes' | 'audience' | 'tenant'>
type Issued = Extract<AppBegun, { ok: true }>

export const TOKENS: OperationAnswer = {
  what: 'Tokens for an app.',
  schema: objectOf({
    access_token: { type: 'string' },
    token_type: { const: 'Bearer' },
    expires_in: { type: 'integer' },
    refresh_token: { type: 'string' },
    scope: { type: 'string' },
  }),
}

export const TENANT = { type: 'string', description: 'Id of a tenant one belongs to: the app acts in it alone.' } as const

const NOT_OFFERED = deny(400, 'tokens-not-offered', { reason: 'accessTokens are accepted nowhere' })
const AMBIGUOUS = deny(400, 'credentials-ambiguous', { reason: 'an app that signs in, and a session' })
const JSON_ONLY = deny(406, 'json-only', { reason: 'tokens on a page' })
const NAMELESS = deny(422, 'client-invalid', { reason: 'an app without a name' })
const LONGEST_CLIENT = 80
const LONGEST_SCOPE = 2048
const LONGEST_ID = 64

/** Looks at what is sent to a door; a refusal comes before the door does anything. */
export function tokensInstead(desk: Pick<Desk, 'accounts' | 'options'>, x: Exchange): Reply | undefined {
  const sent = sentForm(x)
  const as = sent.text('as')
  if (as === '') return undefined
  if (as !== 'token' || !desk.options.tokens) return NOT_OFFERED
  if (sentSession(x) || x.get(Session)) return AMBIGUOUS
  if (!sent.json) return JSON_ONLY
  const asked = readAsked(sent)
  if (asked === undefined) return NAMELESS
  x.set(AsTokens, async ({ token }: NewSession) => {
    return answerApp(await desk.accounts.tokens.begin({ ...asked, session: token.reveal() }, originOf(x)))
  })
  return undefined
}

/** What a door's description says besides, where apps may sign in at it. */
export function describeTokens(operation: Operation): Operation {
  const { as, body, answers } = operation
  if (as !== 'anybody' || answers[200] !== SIGNED_IN || body === undefined) return operation
  const text = { type: 'string' }
  const own = { as: { const: 'token' }, client: text, scope: text, audience: text, tenant: TENANT, pending: text }
  const schema = { oneOf: [SIGNED_IN.schema, TOKENS.schema] }
  const answer = { what: 'Signed in: the cookie holds the session, or an app has tokens.', schema }
  const properties = { ...(body['properties'] as object), ...own }
  return { ...operation, body: { ...body, properties }, answers: { ...answers, 200: answer } }
}

/** Who asks, for what; `undefined` when it does not say who, or more than can be meant (L91; CVE-2026-4634). */
export function readAsked(sent: Sent): Asked | undefined {
  const [client, scope, audience] = [sent.text('client').trim(), sent.text('scope'), sent.text('audience')]
  const tenant = sent.text('tenant')
  if (client === '' || client.length > LONGEST_CLIENT || scope.length > LONGEST_SCOPE || tenant.length > LONGEST_ID)
    return undefined
  const scopes = scope.split(' ').filter((one) => one !== '')
  return {
    client,
    scopes: scopes.length === 0 ? undefined : scopes,
    audience: audience === '' ? undefined : audience,
    tenant: tenant === '' ? undefined : tenant,
  }
}

/** The tokens, or why there are none. */
export function answerApp(begun: AppBegun): Reply {
  if (begun.ok) return tokensReply(begun)
  return begun.reason === 'denied' ? deny(401, 'sign-in-required') : deny(422, begun.reason)
}

/** RFC 6749 §5.1; never stored. */
export function tokensReply({ accessToken, refreshToken, expiresIn, app }: Issued): Reply {
  return json({
    access_token: accessToken.reveal(),
    token_type: 'Bearer',
    expires_in: expiresIn,
    refresh_token: refreshToken.reveal(),
    scope: app.scopes.join(' '),
  })
}
