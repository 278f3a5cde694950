/**
 * OpenID Connect with one provider: authorization code alone, PKCE with S256 always, and every check that the answer and the ID token
 * need. The library does the protocol; here stands what we ask of it, and what it leaves to those who use it.
 * Sources: OpenID Connect Core 1.0 sections 3.1.2 and 3.1.3.7; RFC 9700 (security best current practice), RFC 9207 (`iss`), RFC 7636;
 * L31, L43, L44, L46, L47, L50, L60.
 */
import * as client from 'openid-client'
import { readAddress } from '../../../accounts/addresses/addresses.ts'
import type { Outbound } from '../../../outbound/index.ts'
import { keysOf, readLogoutToken } from './logout-token.ts'
import { failureOf, REFUSED } from './failure.ts'
import type { Provider, ProviderClient, Proved, Ties } from './provider.ts'

interface Setting {
  readonly provider: Provider
  readonly redirectUri: string
  readonly signedOutUri: string
  readonly outbound: Outbound
  readonly now: () => number
}

type Claims = Readonly<Record<string, unknown>>

/** How long its description of itself is believed, in milliseconds. Keys of signatures are fetched anew after five minutes by the library. */
const DESCRIBED_FOR = 3_600_000
/** Seconds by which clocks may differ. */
const SKEW = 60
/** Seconds within which a person who is asked again must have been seen; that it was after they were sent there is checked besides. */
const SEEN_WITHIN = 900
/** Characters. Addresses that are much longer do not arrive everywhere. */
const LONGEST_HINT = 6000

/** Makes the client. Nothing is asked of the provider before somebody wants to sign in by it. */
export function openIdClient({ provider, redirectUri, signedOutUri, outbound, now }: Setting): ProviderClient {
  let signers: { readonly uri: string; readonly keys: ReturnType<typeof keysOf> } | undefined
  let described: { readonly config: Promise<client.Configuration>; readonly until: number } | undefined

  /** Asked once by all who come at the same time; a failure is asked again by the next. */
  function configuration(): Promise<client.Configuration> {
    if (described && now() < described.until) return described.config
    const config = configure(provider, outbound, now)
    const mine = { config, until: now() + DESCRIBED_FOR }
    described = mine
    config.catch(() => void (described === mine && (described = undefined)))
    return config
  }

  return {
    async begin({ state, nonce, verifier, again }) {
      try {
        const url = client.buildAuthorizationUrl(await configuration(), {
          redirect_uri: redirectUri,
          scope: provider.scopes.join(' '),
          state,
          nonce,
          code_challenge: await client.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
          ...(provider.responseMode === 'form_post' && { response_mode: 'form_post' }),
          ...(provider.secondFactor.acr.length > 0 && { acr_values: provider.secondFactor.acr.join(' ') }),
          ...(again && { prompt: 'login', max_age: '0' }),
        })
        return isSafe(url) ? { ok: true, url: url.href } : { ...REFUSED, detail: 'authorization-endpoint' }
      } catch (error) {
        return failureOf(error)
      }
    },

    async readLogout(token) {
      let jwksUri: string | undefined
      try {
        jwksUri = (await configuration()).serverMetadata().jwks_uri
      } catch {
        return { ok: false, detail: 'unavailable' }
      }
      if (jwksUri === undefined) return { ok: false, detail: 'no-keys' }
      if (signers?.uri !== jwksUri) signers = { uri: jwksUri, keys: keysOf(jwksUri, outbound) }
      return await readLogoutToken(token, { provider, keys: signers.keys, now: now() })
    },

    async finish(answer, ties) {
      try {
        const config = await configuration()
        const current = new URL(redirectUri)
        current.search = answer.toString()
        const tokens = await client.authorizationCodeGrant(config, current, {
          expectedState: ties.state,
          expectedNonce: ties.nonce,
          pkceCodeVerifier: ties.verifier,
          idTokenExpected: true,
          ...(ties.again && { maxAge: SEEN_WITHIN }),
        })
        const claims = tokens.claims()
        if (claims === undefined) return { ...REFUSED, detail: 'id-token-missing' }
        const problem = problemOf(claims, ties)
        if (problem !== undefined) return { ...REFUSED, detail: problem }
        const who = proved(claims, await about(config, tokens.access_token, claims))
        return { ...who, wayOut: wayOut(config, tokens.id_token) }
      } catch (error) {
        return failureOf(error)
      }
    },
  }

  /** The description comes from outside: a browser is sent to no other scheme. */
  function isSafe({ protocol }: URL): boolean {
    return protocol === 'https:' || (protocol === 'http:' && provider.insecureAllowLocal !== undefined)
  }

  /** RP-Initiated Logout 1.0 section 2: without the token the provider may ask the person, or not send them back. */
  function wayOut(config: client.Configuration, idToken: string | undefined): string | undefined {
    const endpoint = config.serverMetadata().end_session_endpoint
    if (!provider.signOutThere || endpoint === undefined || !URL.canParse(endpoint) || !isSafe(new URL(endpoint)))
      return undefined
    const hint: Record<string, string> = idToken !== undefined && idToken.length <= LONGEST_HINT ? { id_token_hint: idToken } : {}
    return client.buildEndSessionUrl(config, { ...hint, post_logout_redirect_uri: signedOutUri }).href
  }

  /** Where the token says nothing of the address, what the provider says beside it, of the same subject. */
  async function about(config: client.Configuration, accessToken: string, claims: client.IDToken): Promise<Claims> {
    const asks = claims['email'] === undefined && provider.scopes.includes('email')
    if (!asks || config.serverMetadata().userinfo_endpoint === undefined) return claims
    return { ...(await client.fetchUserInfo(config, accessToken, claims.sub)) }
  }

  function proved(claims: client.IDToken, said: Claims): Extract<Proved, { ok: true }> {
    const [email, name] = [textOf(said['email']), textOf(said['name'])]
    const shown = email ?? textOf(said['preferred_username']) ?? name ?? claims.sub
    const verified = provider.trustsEmail && isVerified(said['email_verified'])
    const identity = {
      issuer: claims.iss,
      subject: claims.sub,
      shown,
      name,
      strong: isStrong(claims, provider.secondFactor),
      sid: textOf(claims['sid']),
    }
    return { ok: true, identity: { ...identity, email: verified && email !== undefined ? readAddress(email)?.text : undefined } }
  }
}

/** Rejects when the provider cannot be reached, or describes itself as somebody else. */
async function configure(provider: Provider, outbound: Outbound, now: () => number): Promise<client.Configuration> {
  const { issuer, clientId, algorithm, insecureAllowLocal } = provider
  return await client.discovery(
    new URL(issuer),
    clientId,
    // One algorithm, by our own word: neither the token's head nor the provider's description chooses it (L97).
    { id_token_signed_response_alg: algorithm, [client.clockTolerance]: SKEW },
    authenticate(provider, now),
    {
      [client.customFetch]: (url, options) => outbound.fetch(url, options),
      // Without this the signature is left to TLS; a token that went another way would be believed (L47).
      execute: [client.enableNonRepudiationChecks, ...(insecureAllowLocal ? [client.allowInsecureRequests] : [])],
    },
  )
}

/** Hands the secret over as registered. It is asked for each time: some are made for one request. */
export function authenticate({ secret, clientAuthentication }: Provider, now: () => number): client.ClientAuth {
  const known = clientAuthentication === 'basic' ? client.ClientSecretBasic : client.ClientSecretPost
  return async (server, metadata, body, headers) => known((await secret(now())).reveal())(server, metadata, body, headers)
}

/** What the library leaves to those who use it; the name of what is wrong. */
function problemOf({ sub, iat, auth_time: seen }: client.IDToken, { startedAt, again }: Ties): string | undefined {
  const started = Math.floor(startedAt / 1000) - SKEW
  if (sub.trim() === '') return 'subject-empty'
  // It answers a question of ours, so it cannot be older than the question.
  if (iat < started) return 'iat'
  if (again && (seen === undefined || seen < started)) return 'auth-time'
  return undefined
}

/** `true`, or the text that some providers send for it; the text "false" is neither (L44). */
export function isVerified(value: unknown): boolean {
  return value === true || value === 'true'
}

function isStrong({ acr, amr }: client.IDToken, trusted: Provider['secondFactor']): boolean {
  const said: readonly unknown[] = Array.isArray(amr) ? amr : []
  return trusted.amr.some((word) => said.includes(word)) || (typeof acr === 'string' && trusted.acr.includes(acr))
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
