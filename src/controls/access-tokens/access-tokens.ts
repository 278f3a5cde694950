/**
 * Which app asks, and for whom: an access token in `Authorization`, where the application accepts them. What is written like a JWT is
 * looked at here, everything else by `apiKeys`. Stops forged, foreign and outlived tokens, tokens in addresses and beside a session.
 * Source: RFC 9068, RFC 6750, RFC 8725 (JWT Best Current Practices); OWASP ASVS 5.0 chapter 9; OWASP JSON Web Token Cheat Sheet.
 */
import { claimsToBeFrom, holdsRefresh, isJwt } from '../../accounts/index.ts'
import { Accounts, type AccessTokenFound } from '../../accounts/types.ts'
import { isAccepted } from '../../engine/accept.ts'
import { defineControl, type Verdict } from '../../engine/control.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { Principal } from '../../engine/facts.ts'
import { deny, type Reply } from '../../engine/reply.ts'
import { sentSession, Session } from '../session/slot.ts'
import { checkAccessTokens, readAccessTokensOptions, type AccessTokensInput } from './options.ts'
import { AccessToken } from './slot.ts'

export { readAccessTokensOptions, type AccessTokensInput, type AccessTokensOptions } from './options.ts'

/** RFC 6750 §3: one challenge for everything that is wrong with a token. */
const CHALLENGE = { 'www-authenticate': 'Bearer error="invalid_token"' }
const INVALID = deny(401, 'invalid-token', { head: CHALLENGE })
const AMBIGUOUS = deny(400, 'credentials-ambiguous', { reason: 'a token and a session' })
const IN_ADDRESS = deny(400, 'token-in-address', { reason: 'a token in the query' })
const NOT_HERE = deny(403, 'token-not-accepted', { reason: 'a token where none is accepted' })

const BEARER = /^bearer +(\S+)$/i
const QUERY = /[?&]access_token=([A-Za-z0-9._-]+)/

/** Every app meets these; they are no alarm. */
const USUAL = ['expired', 'outdated']

export const accessTokens = defineControl({
  name: 'accessTokens',
  gives: [AccessToken, Principal],
  options: (input?: AccessTokensInput) => readAccessTokensOptions(input),
  check: checkAccessTokens,
  start(setting) {
    const { emit, site } = setting
    const { accept } = setting.options
    const { tokens } = setting.use(Accounts)

    function accepts({ route, path }: Exchange): boolean {
      return route.accessTokens ?? isAccepted(accept, path)
    }

    function enter(x: Exchange): Verdict | Promise<Verdict> {
      if (x.search !== '' && isInAddress(x.search)) return refuse(x, 'in-address', IN_ADDRESS)
      const text = bearerOf(x.header('authorization'))
      if (text === undefined || !isForUs(x, text)) return undefined
      // Before anything is looked at, so that nobody learns here whether a token is valid.
      if (!accepts(x)) return refuse(x, 'not-accepted', NOT_HERE)
      if (sentSession(x) || x.get(Session)) return refuse(x, 'with-session', AMBIGUOUS)
      const found = tokens.admit(text, x.time)
      return found instanceof Promise ? found.then((later) => settle(x, later)) : settle(x, found)
    }

    function isInAddress(search: string): boolean {
      const given = QUERY.exec(search)?.[1]
      return holdsRefresh(search) || (given !== undefined && claimsToBeFrom(given, site.origin))
    }

    /** A token of another issuer belongs to the application, where it may come without one: on public routes, and where none are accepted. */
    function isForUs(x: Exchange, text: string): boolean {
      return (!x.route.public && accepts(x)) || claimsToBeFrom(text, site.origin)
    }

    function settle(x: Exchange, found: AccessTokenFound): Verdict {
      if (!found.ok) return refuse(x, found.reason, INVALID)
      x.set(AccessToken, { app: found.app.id, client: found.app.client })
      x.set(Principal, found.principal)
      return undefined
    }

    function refuse(x: Exchange, reason: string, reply: Reply): Reply {
      emit({ type: 'authn_token_fail', ...(USUAL.includes(reason) && { level: 'info' as const }), data: { reason } }, x)
      return reply
    }

    return { enter }
  },
})

/** What is written like a JWT, behind Bearer (RFC 6750 §2.1). */
function bearerOf(field: string | undefined): string | undefined {
  const text = field === undefined ? undefined : BEARER.exec(field)?.[1]
  return text !== undefined && isJwt(text) ? text : undefined
}
