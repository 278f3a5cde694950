/** What a provider, or somebody in its place, may say, and what is not believed. Through the front door. */
import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { after, before, beforeEach, describe, it } from 'node:test'
import { SignJWT, UnsecuredJWT, exportSPKI, importJWK, generateKeyPair, type CryptoKey } from 'jose'
import { startApp, type TestApp } from '../../../../test/support/app.ts'
import { lyingProvider, wanderer, type Lies, type LyingProvider } from '../../../../test/support/provider.ts'
import type { OidcOptions } from './index.ts'

const TEST = { kind: 'system', id: 'test' } as const
const now = () => Math.floor(Date.now() / 1000)

describe('a provider that does not tell the truth', () => {
  let idp: LyingProvider
  let app: TestApp
  before(async () => {
    idp = await lyingProvider()
    app = await open()
  })
  after(async () => {
    await app[Symbol.asyncDispose]()
    await idp.close()
  })
  beforeEach(() => void (idp.lies = {}))

  async function open(more: Partial<OidcOptions> = {}): Promise<TestApp> {
    const opened = await startApp({ options: { signIn: { providers: { idp: idp.configured(more) } } } })
    const { userId } = await opened.signIn('admin', 'ada')
    for (const subject of ['person-1', ' ', 'undefined', 'null']) {
      const identity = { provider: 'idp', issuer: idp.issuer, subject, shown: subject, strong: false }
      assert.ok((await opened.holdfast.accounts.identities.link(userId, identity, TEST)).ok)
    }
    return opened
  }

  /** Whether somebody got in, and what the log says if not. `fresh`: in an application that has not asked the provider before. */
  async function tries(lies: Lies, { fresh = false, ...more }: Partial<OidcOptions> & { fresh?: boolean } = {}): Promise<string> {
    idp.lies = lies
    const where = fresh || Object.keys(more).length > 0 ? await open(more) : app
    try {
      const browser = wanderer(where)
      const begun = await browser.post('/login/with/idp')
      const url = /^0;url=(.*)$/.exec(String(begun.headers['refresh']))?.[1]
      if (url !== undefined) await browser.comeBack(idp.visit(url))
      if ((await browser.who()) !== null) return 'in'
      const detail = where.events.findLast(({ type }) => type === 'authn_provider_fail')?.data?.['detail']
      assert.deepEqual(where.faults, [])
      return String(detail)
    } finally {
      if (where !== app) await where[Symbol.asyncDispose]()
    }
  }

  const claims = (more: Record<string, unknown>): Lies => ({ claims: (honest) => ({ ...honest, ...more }) })

  it('is believed when it does, so that what follows is refused for its lie', async () => {
    assert.equal(await tries({}), 'in')
    assert.deepEqual([idp.exchanged.at(-1)!.get('code_verifier')?.length, idp.exchanged.at(-1)!.get('client_secret')], [43, null])
  })

  it('signs with nothing, or with what everybody knows (L47, L97)', async () => {
    const unsigned = (body: Record<string, unknown>) => new UnsecuredJWT(body).encode()
    assert.notEqual(await tries({ token: unsigned }), 'in')
    const pem = async () => new TextEncoder().encode(await exportSPKI((await importJWK(idp.jwk, 'RS256')) as CryptoKey))
    const withPublicKey = async (body: Record<string, unknown>) =>
      await new SignJWT(body).setProtectedHeader({ alg: 'HS256', kid: 'one' }).sign(await pem())
    assert.notEqual(await tries({ token: withPublicKey }), 'in')
    const withSecret = async (body: Record<string, unknown>) =>
      await new SignJWT(body)
        .setProtectedHeader({ alg: 'HS256' })
        .sign(new TextEncoder().encode('a secret that only the two of them know'))
    assert.notEqual(await tries({ token: withSecret }), 'in')
  })

  it('signs with a key of somebody else, cuts the signature off, or changes what is signed', async () => {
    const { privateKey } = await generateKeyPair('RS256')
    const other = (body: Record<string, unknown>) =>
      new SignJWT(body).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign(privateKey)
    assert.notEqual(await tries({ token: other }), 'in')
    const own = (body: Record<string, unknown>) =>
      new SignJWT(body).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign(idp.key)
    const cut = async (body: Record<string, unknown>) => (await own(body)).replace(/\.[^.]*$/, '.')
    assert.notEqual(await tries({ token: cut }), 'in')
    const changed = async (body: Record<string, unknown>) => {
      const [head, , signature] = (await own({ ...body, sub: 'person-2' })).split('.')
      return [head, Buffer.from(JSON.stringify(body)).toString('base64url'), signature].join('.')
    }
    assert.notEqual(await tries({ token: changed }), 'in')
  })

  it('signs in another way than was agreed, as good as it may be', async () => {
    const pss = async (body: Record<string, unknown>) => {
      const key = await generateKeyPair('PS256')
      return await new SignJWT(body).setProtectedHeader({ alg: 'PS256', kid: 'one' }).sign(key.privateKey)
    }
    assert.equal(await tries({ token: pss }), 'OAUTH_INVALID_RESPONSE')
    assert.notEqual(await tries({}, { algorithm: 'ES256' }), 'in')
  })

  it('speaks to another client (L46), for another issuer, or of another time', async () => {
    assert.notEqual(await tries(claims({ aud: 'another-client' })), 'in')
    assert.notEqual(await tries(claims({ aud: ['another-client'] })), 'in')
    assert.notEqual(await tries(claims({ aud: ['holdfast-test', 'another-client'] })), 'in')
    assert.notEqual(await tries(claims({ aud: ['holdfast-test', 'another-client'], azp: 'another-client' })), 'in')
    assert.equal(await tries(claims({ aud: ['holdfast-test', 'another-client'], azp: 'holdfast-test' })), 'in')
    assert.notEqual(await tries(claims({ aud: undefined })), 'in')
    assert.notEqual(await tries(claims({ iss: 'https://accounts.google.com' })), 'in')
    assert.notEqual(await tries(claims({ iss: `${idp.issuer}/` })), 'in')
    assert.notEqual(await tries(claims({ exp: now() - 600 })), 'in')
    assert.notEqual(await tries(claims({ exp: undefined })), 'in')
    assert.equal(await tries(claims({ iat: now() - 3600 })), 'iat')
    assert.notEqual(await tries(claims({ nbf: now() + 3600 })), 'in')
  })

  it('answers a question that was not asked: without nonce, with another, with one of before (L31)', async () => {
    assert.notEqual(await tries(claims({ nonce: undefined })), 'in')
    assert.notEqual(await tries(claims({ nonce: 'another' })), 'in')
    let first: string | undefined
    const replay = async (body: Record<string, unknown>) =>
      (first ??= await new SignJWT(body).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign(idp.key))
    assert.equal(await tries({ token: replay }), 'in')
    assert.notEqual(await tries({ token: replay }), 'in')
  })

  it('names nobody (L43)', async () => {
    for (const sub of ['', ' ', undefined, null, 0, ['person-1'], { toString: 'person-1' }]) {
      assert.notEqual(await tries(claims({ sub })), 'in', JSON.stringify(sub))
    }
  })

  it('sends the answer of another provider, or none of whom it is (mix-up; RFC 9207)', async () => {
    const back = (edit: (sent: URLSearchParams) => void): Lies => ({
      back(honest) {
        edit(honest)
        return honest
      },
    })
    assert.notEqual(await tries(back((sent) => sent.set('iss', 'https://accounts.google.com'))), 'in')
    assert.notEqual(await tries(back((sent) => sent.delete('iss'))), 'in')
    assert.notEqual(await tries(back((sent) => sent.append('iss', idp.issuer))), 'in')
    assert.notEqual(await tries(back((sent) => sent.append('code', 'another'))), 'in')
    assert.notEqual(await tries(back((sent) => sent.delete('code'))), 'in')
    assert.notEqual(await tries(back((sent) => sent.set('id_token', 'x.y.z'))), 'in')
  })

  it('describes itself as somebody else, or sends the browser or us to where nobody should go', async () => {
    const described = (more: Record<string, unknown>): Lies => ({ discovery: (honest) => ({ ...honest, ...more }) })
    const fresh = { fresh: true }
    assert.notEqual(await tries(described({ issuer: 'https://accounts.google.com' }), fresh), 'in')
    assert.equal(
      await tries(described({ token_endpoint: 'https://169.254.169.254/latest/meta-data' }), fresh),
      'outbound-address',
    )
    assert.equal(await tries(described({ jwks_uri: 'http://127.0.0.1:1/keys' }), fresh), 'outbound-scheme')
    assert.equal(await tries(described({ jwks_uri: 'https://127.0.0.1:1/keys' }), fresh), 'outbound-address')
    for (const authorization_endpoint of ['javascript:alert(1)', 'data:text/html,x', undefined, 7])
      assert.notEqual(await tries(described({ authorization_endpoint }), fresh), 'in', String(authorization_endpoint))
  })

  it('leads on instead of answering', async () => {
    const location = 'http://169.254.169.254/latest/meta-data'
    for (const path of ['/.well-known/openid-configuration', '/token', '/jwks']) {
      const answer = {
        [path]: (_: unknown, response: ServerResponse) => void response.writeHead(302, { location }).end(),
      }
      assert.notEqual(await tries({ answer }, { fresh: true }), 'in', path)
    }
  })

  it('answers without end, in another language, or not at all', async () => {
    const bodies = [
      'x'.repeat(2_000_000),
      '<html>',
      '{',
      '[]',
      'null',
      '{"access_token":7}',
      '{"access_token":"a","token_type":"mac"}',
    ]
    for (const body of bodies) {
      const say = (_: unknown, response: ServerResponse) =>
        void response.writeHead(200, { 'content-type': 'application/json' }).end(body)
      assert.notEqual(await tries({ answer: { '/token': say } }), 'in', body.slice(0, 40))
    }
    const hang = (request: IncomingMessage) => void request.socket.destroy()
    assert.equal(await tries({ answer: { '/token': hang } }), 'outbound-unreachable')
  })

  it('calls an address verified by a text (L44)', async () => {
    const open = { signUp: 'open', trustsEmail: true } as const
    for (const [verified, isTaken] of [
      ['false', false],
      ['TRUE', false],
      [1, false],
      [{}, false],
      [undefined, false],
      ['true', true],
      [true, true],
    ] as const) {
      idp.lies = claims({ sub: 'person-9', email: 'nine@example.org', email_verified: verified })
      const where = await startApp({ options: { signIn: { providers: { idp: idp.configured(open) } } } })
      await where.signIn('admin', 'root')
      const browser = wanderer(where)
      await browser.comeBack(idp.visit(await browser.leave()))
      assert.equal((await browser.who()) === 'nine@example.org', isTaken, String(verified))
      await where[Symbol.asyncDispose]()
    }
  })

  it('says that it has seen the person long ago, or not when', async () => {
    const again = async (auth_time: unknown) => {
      const browser = wanderer(app)
      idp.lies = {}
      await browser.comeBack(idp.visit(await browser.leave()))
      idp.lies = claims({ auth_time })
      return (await browser.comeBack(idp.visit(await browser.leave({ purpose: 'again' })))).status
    }
    assert.equal(await again(now()), 303)
    for (const seen of [undefined, now() - 3600, now() - 300, 'now', null]) assert.equal(await again(seen), 401, String(seen))
  })
})
