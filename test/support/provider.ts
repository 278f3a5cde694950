/** Providers of OpenID Connect on loopback: a real one with strict settings, and one that lies as it is told. For tests. */
import http, { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'
import Provider from 'oidc-provider'
import { oidc } from '../../src/controls/sign-in/providers/index.ts'
import type { OidcOptions } from '../../src/controls/sign-in/providers/index.ts'
import { Secret } from '../../src/crypto/secret.ts'
import type { TestApp } from './app.ts'
import { sameOrigin } from './browser.ts'

const CLIENT = 'holdfast-test'
const SECRET = 'a secret that only the two of them know'
const LOCAL = { reason: 'a provider of a test, on loopback', until: '2099-01-01' }

/** What every provider of the tests has. */
export interface TestProvider {
  readonly issuer: string
  /** For `signIn.providers`. */
  configured(more?: Partial<OidcOptions>): ReturnType<typeof oidc>
  /** How often each path was asked for. */
  readonly asked: Map<string, number>
  close(): Promise<void>
}

async function listen(listener: RequestListener): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = http.createServer(listener)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  // Whoever forgets to close it holds up nobody.
  server.unref()
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function configured(issuer: string) {
  return (more: Partial<OidcOptions> = {}) =>
    oidc({ issuer, clientId: CLIENT, clientSecret: new Secret(SECRET), label: 'Example ID', insecureAllowLocal: LOCAL, ...more })
}

/** Somebody at the real provider. */
export interface Someone {
  readonly sub: string
  readonly email?: string
  readonly email_verified?: boolean
  readonly name?: string
  readonly amr?: readonly string[]
}

export interface RealProvider extends TestProvider {
  /** Who is at the browser; may be set to somebody else. `undefined`: they press "cancel". */
  someone: Someone | undefined
  /** Goes where it is sent, signs in and consents; the address of the application to which it is sent back. */
  visit(url: string): Promise<string>
  /** Goes there to sign out, in the browser of the last visit, and confirms it; the address to which it is sent back. */
  signOut(url: string): Promise<string>
  /** Whether somebody is still signed in there, in the browser of the last visit. */
  remembers(): Promise<boolean>
  /** Of its sessions in which somebody went to the application, the latest last. */
  readonly sids: string[]
  /** Tells the application that this person signed out of this session there (Back-Channel Logout 1.0). */
  tellLogout(sub: string, sid: string | undefined): Promise<void>
  /** Begins to answer, for the application of this origin. */
  open(origin: string): void
}

/** A real `oidc-provider`: PKCE with S256 demanded, `iss` in answers (RFC 9207), every person asked to sign in and to consent. */
export async function realProvider(): Promise<RealProvider> {
  let callback: RequestListener | undefined
  const sids: string[] = []
  let cookies = new Map<string, string>()
  let home = ''
  let client: () => ReturnType<Provider['Client']['find']> = () => Promise.resolve(undefined)
  const asked = new Map<string, number>()
  const server = await listen((request, response) => {
    const path = request.url!.split('?')[0]!
    asked.set(path, (asked.get(path) ?? 0) + 1)
    if (callback) callback(request, response)
    else response.writeHead(503).end()
  })
  const issuer = `http://localhost:${server.port}`
  const real: RealProvider = {
    issuer,
    configured: configured(issuer),
    asked,
    sids,
    someone: { sub: 'person-1', email: 'person@example.org', email_verified: true, name: 'Person One' },
    visit: (url) => {
      cookies = new Map()
      return visit(url, issuer, cookies)
    },
    signOut: (url) => leave(url, issuer, cookies),
    async remembers() {
      const url = `${issuer}/auth?client_id=${CLIENT}&response_type=code&scope=openid&prompt=none&redirect_uri=${encodeURIComponent(`${home}/login/with/idp/callback`)}&code_challenge_method=S256&code_challenge=${'x'.repeat(43)}`
      return new URL(await visit(url, issuer, cookies)).searchParams.has('code')
    },
    tellLogout: async (sub, sid) => await (await client())!.backchannelLogout(sub, sid),
    open(origin) {
      home = origin
      const provider = strict(issuer, origin, () => real.someone)
      const answer = provider.callback()
      client = () => provider.Client.find(CLIENT)
      provider.on('authorization.success', ({ oidc: { session } }) => void sids.push(session.sidFor(CLIENT)))
      callback = (request, response) => {
        const work = request.url!.startsWith('/interaction/')
          ? interact(provider, request, response, () => real.someone)
          : answer(request, response)
        Promise.resolve(work).catch((error: unknown) => void response.writeHead(500).end(String(error)))
      }
    },
    close: server.close,
  }
  return real
}

function strict(issuer: string, origin: string, someone: () => Someone | undefined): Provider {
  return new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT,
        client_secret: SECRET,
        redirect_uris: [`${origin}/login/with/idp/callback`],
        response_types: ['code'],
        grant_types: ['authorization_code'],
        post_logout_redirect_uris: [`${origin}/login/with/idp/signed-out`],
        backchannel_logout_uri: `${origin}/login/with/idp/logout`,
        backchannel_logout_session_required: true,
      },
    ],
    cookies: { keys: ['a key of a test'] },
    // Its own guard lets no request go to loopback, where the application of a test is.
    fetch: (url: string, { method, headers, body, redirect, signal }: RequestInit) =>
      fetch(url, { method, headers, body, redirect, signal } as RequestInit),
    pkce: { required: () => true },
    claims: { openid: ['sub', 'amr'], email: ['email', 'email_verified'], profile: ['name'], auth_time: null },
    features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...someone() }) }),
  })
}

async function interact(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  someone: () => Someone | undefined,
): Promise<void> {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response)
  const person = someone()
  if (person === undefined) {
    await provider.interactionFinished(request, response, { error: 'access_denied', error_description: '<b>cancelled</b>' })
    return
  }
  if (prompt.name === 'login') {
    const login = { accountId: person.sub, ...(person.amr && { amr: [...person.amr] }) }
    await provider.interactionFinished(request, response, { login })
    return
  }
  const grant =
    (grantId === undefined ? undefined : await provider.Grant.find(grantId)) ??
    new provider.Grant({ accountId: session!.accountId, clientId: String(params['client_id']) })
  grant.addOIDCScope(String(params['scope']))
  await provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } })
}

/** A browser at the provider: keeps its cookies, follows its redirects, and stops where it is sent to somebody else. */
async function visit(first: string, issuer: string, cookies: Map<string, string>): Promise<string> {
  let url = first
  for (let step = 0; step < 12; step++) {
    const answer = await send(url, cookies)
    const location = answer.headers.get('location')
    if (location === null) throw new Error(`The provider stopped at ${url} with ${answer.status}: ${await answer.text()}`)
    url = new URL(location, url).href
    if (!url.startsWith(`${issuer}/`)) return url
  }
  throw new Error(`The provider does not stop: ${url}`)
}

/** Presses "yes" on the page on which the provider asks whether to sign out. */
async function leave(url: string, issuer: string, cookies: Map<string, string>): Promise<string> {
  const asking = await send(url, cookies)
  const [, xsrf] = /name="xsrf" value="(\w+)"/.exec(await asking.text()) ?? []
  if (xsrf === undefined) throw new Error(`The provider does not ask: ${asking.status}`)
  const body = new URLSearchParams({ xsrf, logout: 'yes' })
  const answer = await send(`${issuer}/session/end/confirm`, cookies, { method: 'POST', body })
  return answer.headers.get('location') ?? ''
}

async function send(url: string, cookies: Map<string, string>, init: RequestInit = {}): Promise<Response> {
  const cookie = [...cookies].map((pair) => pair.join('=')).join('; ')
  const answer = await fetch(url, { ...init, redirect: 'manual', headers: { cookie } })
  for (const line of answer.headers.getSetCookie()) {
    const [name = '', value = ''] = line.split(';')[0]!.split(/=(.*)/s)
    if (value === '') cookies.delete(name)
    else cookies.set(name, value)
  }
  return answer
}

/** What the lying provider is told to say. */
export interface Lies {
  /** Changes its description of itself. */
  discovery?: (honest: Record<string, unknown>) => unknown
  /** Changes the claims of the ID token. */
  claims?: (honest: Record<string, unknown>) => Record<string, unknown>
  /** Makes the token of the claims in another way. */
  token?: (claims: Record<string, unknown>) => string | Promise<string>
  /** Answers at an address in its own way. */
  answer?: Readonly<Record<string, RequestListener>>
  /** What it sends back with the browser, beside or in place of what it should. */
  back?: (honest: URLSearchParams) => URLSearchParams
}

export interface LyingProvider extends TestProvider {
  lies: Lies
  readonly key: CryptoKey
  readonly jwk: JWK
  /** What the token endpoint was sent. */
  readonly exchanged: URLSearchParams[]
  /** What a browser is sent back with that was sent to this address. */
  visit(url: string): string
}

/** A provider that speaks just enough, and lies as it is told. Without lies it is believed. `host`: another site than the application's. */
export async function lyingProvider(host = 'localhost'): Promise<LyingProvider> {
  const { privateKey: key, publicKey } = await generateKeyPair('RS256', { extractable: true })
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid: 'one', use: 'sig', alg: 'RS256' }
  const nonces = new Map<string, string>()
  const asked = new Map<string, number>()
  const exchanged: URLSearchParams[] = []
  const server = await listen((request, response) => {
    const path = request.url!.split('?')[0]!
    asked.set(path, (asked.get(path) ?? 0) + 1)
    const own = lying.lies.answer?.[path]
    if (own) own(request, response)
    else
      reply(path, request).then(
        (body) => void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
        (error: unknown) => void response.writeHead(500).end(String(error)),
      )
  })
  const issuer = `http://${host}:${server.port}`

  async function reply(path: string, request: IncomingMessage): Promise<unknown> {
    if (path === '/.well-known/openid-configuration') {
      const honest = {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        authorization_response_iss_parameter_supported: true,
        id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'],
      }
      return lying.lies.discovery?.(honest) ?? honest
    }
    if (path === '/jwks') return { keys: [jwk] }
    let text = ''
    for await (const chunk of request) text += String(chunk)
    const sent = new URLSearchParams(text)
    exchanged.push(sent)
    const now = Math.floor(Date.now() / 1000)
    const honest = {
      ...{ iss: issuer, aud: CLIENT, sub: 'person-1', iat: now, exp: now + 300, nonce: nonces.get(sent.get('code')!) },
      ...{ email: 'person@example.org', email_verified: true },
    }
    const claims = lying.lies.claims?.(honest) ?? honest
    const idToken = await (lying.lies.token ?? sign)(claims)
    return { access_token: 'an access token', token_type: 'Bearer', id_token: idToken }
  }

  function sign(claims: Record<string, unknown>): Promise<string> {
    return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign(key)
  }

  const lying: LyingProvider = {
    issuer,
    configured: configured(issuer),
    asked,
    lies: {},
    key,
    jwk,
    exchanged,
    visit(text) {
      const url = new URL(text)
      const code = `code-${nonces.size}`
      nonces.set(code, url.searchParams.get('nonce') ?? '')
      const honest = new URLSearchParams({ code, state: url.searchParams.get('state') ?? '', iss: issuer })
      return `${url.searchParams.get('redirect_uri')}?${(lying.lies.back?.(honest) ?? honest).toString()}`
    },
    close: server.close,
  }
  return lying
}

/** A browser at the application: keeps cookies, and goes on by itself where a page does. */
export interface Wanderer {
  readonly cookies: Map<string, string>
  /** A GET as the browser makes it when it comes from elsewhere. */
  get(path: string): ReturnType<TestApp['fetch']>
  /** A form of our own page. */
  post(path: string, fields?: Readonly<Record<string, string>>): ReturnType<TestApp['fetch']>
  /** Presses the button of a provider; where the browser is sent. */
  leave(fields?: Readonly<Record<string, string>>, provider?: string): Promise<string>
  /** Comes back with the answer. */
  comeBack(url: string): ReturnType<TestApp['fetch']>
  /** Whom the application takes the browser for. */
  who(): Promise<string | null>
}

export function wanderer(app: TestApp, cookie?: string): Wanderer {
  const cookies = new Map<string, string>()
  if (cookie !== undefined) cookies.set(cookie.split('=')[0]!, cookie.split('=')[1]!)
  const header = () => [...cookies].map((pair) => pair.join('=')).join('; ')

  async function keep(answer: Awaited<ReturnType<TestApp['fetch']>>) {
    for (const line of answer.all('set-cookie')) {
      const [name = '', value = ''] = line.split(';')[0]!.split(/=(.*)/s)
      if (value === '' || /max-age=0/i.test(line)) cookies.delete(name)
      else cookies.set(name, value)
    }
    return answer
  }

  const get = async (path: string) => await keep(await app.fetch(path, { headers: { cookie: header(), accept: 'text/html' } }))
  const own: Wanderer = {
    cookies,
    get,
    async post(path, fields = {}) {
      const headers = sameOrigin(app, header())
      return await keep(await app.fetch(path, { method: 'POST', headers, body: new URLSearchParams(fields).toString() }))
    },
    async leave(fields = {}, provider = 'idp') {
      const answer = await own.post(`/login/with/${provider}`, fields)
      const url = /^0;url=(.*)$/.exec(String(answer.headers['refresh']))?.[1]
      if (url === undefined) throw new Error(`Nobody was sent on: ${answer.status} ${answer.text.slice(0, 3000)}`)
      return url
    },
    comeBack: (url) => get(url.slice(app.origin.length)),
    async who() {
      const { status, text } = await get('/me')
      return status === 200 ? (JSON.parse(text) as { login: string | null }).login : null
    },
  }
  return own
}
