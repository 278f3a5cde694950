/**
 * Where a provider says that somebody signed out there. It comes from its server and not from a browser: nothing that a browser adds is looked at, the signature is all.
 * It ends exactly those sessions, once for each token. Source: OpenID Connect Back-Channel Logout 1.0 sections 2.5 to 2.8.
 */
import { sentForm } from '../../../console/form.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { answer, deny, type Reply } from '../../../engine/reply.ts'
import { LOGOUT_OLDEST } from '../providers/provider.ts'
import type { Page } from './door.ts'
import type { ProviderDesk } from './provider-desk.ts'

const LONGEST = 16_384
const HEAD = { 'cache-control': 'no-store' }
const REFUSED = answer(400, { ...HEAD, 'content-type': 'application/json' }, '{"error":"invalid_request"}')
const LATER = deny(503, 'provider-unavailable', { head: { 'retry-after': '60' } })

export function loggedOut({ id, provider, accounts, client, setting, emit }: ProviderDesk): Page {
  const { once, now } = setting

  function refuse(x: Exchange, detail: string): Reply {
    emit({ type: 'authn_provider_fail', data: { provider: id, reason: 'logout-token', detail } }, x)
    return REFUSED
  }

  return {
    async act(x) {
      const token = sentForm(x).text('logout_token')
      if (token === '' || token.length > LONGEST || client.readLogout === undefined) return refuse(x, 'missing')
      const read = await client.readLogout(token)
      if (!read.ok) return read.detail === 'unavailable' ? LATER : refuse(x, read.detail)
      const key = `provider:logout:${id}:${read.jti}`
      if (!(await once.incrementIf(key, 1, 2 * LOGOUT_OLDEST * 1000, now())).ok) return refuse(x, 'used')
      const about = { provider: id, issuer: provider.issuer, subject: read.subject, sid: read.sid }
      await accounts.providerLogouts.end(about, x)
      return answer(200, HEAD)
    },
  }
}
