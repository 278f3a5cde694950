/**
 * OAuth 2 with a provider that has no ID token: who it is, is asked with the access token that was given to us in exchange for our own
 * code, under PKCE; a token that anybody hands in is never taken (L46, L47).
 * Sources: RFC 6749 section 4.1, RFC 7636, RFC 9700.
 */
import * as client from 'openid-client'
import { readAddress } from '../../../accounts/addresses/addresses.ts'
import type { Outbound } from '../../../outbound/index.ts'
import { failureOf, REFUSED } from './failure.ts'
import { authenticate } from './open-id.ts'
import type { PlainOAuth, Provider, ProviderClient } from './provider.ts'

interface Setting {
  readonly provider: Provider & { readonly oauth: PlainOAuth }
  readonly redirectUri: string
  readonly outbound: Outbound
  readonly now: () => number
}

/** Makes the client. */
export function plainOAuthClient({ provider, redirectUri, outbound, now }: Setting): ProviderClient {
  const { oauth, issuer, clientId, scopes, trustsEmail } = provider
  const server = { issuer, authorization_endpoint: oauth.authorizationEndpoint, token_endpoint: oauth.tokenEndpoint }
  const config = new client.Configuration(server, clientId, {}, authenticate(provider, now))
  config[client.customFetch] = (url, options) => outbound.fetch(url, options)
  if (provider.insecureAllowLocal) client.allowInsecureRequests(config)

  async function ask(url: string, accessToken: string): Promise<unknown> {
    const headers = new Headers({ accept: 'application/json' })
    const answer = await client.fetchProtectedResource(config, accessToken, new URL(url), 'GET', undefined, headers)
    if (answer.status !== 200) throw new RangeError(`status ${answer.status}`)
    return await answer.json()
  }

  return {
    async begin({ state, verifier }) {
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: scopes.join(' '),
        state,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      })
      return { ok: true, url: url.href }
    },

    async finish(answer, { state, verifier, again }) {
      if (again) return { ...REFUSED, detail: 'auth-time' }
      try {
        const current = new URL(redirectUri)
        current.search = answer.toString()
        const checks = { expectedState: state, pkceCodeVerifier: verifier }
        const { access_token: token } = await client.authorizationCodeGrant(config, current, checks)
        const person = await oauth.person((url) => ask(url, token))
        if (person === undefined) return { ...REFUSED, detail: 'subject-empty' }
        const { subject, shown, name } = person
        const email = trustsEmail && person.email !== undefined ? readAddress(person.email)?.text : undefined
        return { ok: true, identity: { issuer, subject, shown, name, email, strong: false } }
      } catch (error) {
        return failureOf(error)
      }
    },
  }
}
