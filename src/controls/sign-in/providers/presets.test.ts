/** The providers by name: what is set for each, and what is particular to them. */
import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { exportPKCS8, generateKeyPair, jwtVerify, type CryptoKey } from 'jose'
import { startApp } from '../../../../test/support/app.ts'
import { lyingProvider, wanderer, type LyingProvider } from '../../../../test/support/provider.ts'
import { Secret } from '../../../crypto/secret.ts'
import { readPerson } from './github.ts'
import { apple, github, gitlab, google, microsoft } from './index.ts'
import { readProviders } from './read.ts'

const TEST = { kind: 'system', id: 'test' } as const
const client = { clientId: 'client', clientSecret: new Secret('k3fK9sLq0ZpW7vXb2Nc5') }
const TENANT = '9188040d-6c67-4c5b-b112-36a304b66dad'

const keys = await generateKeyPair('ES256', { extractable: true })
const appleKey = new Secret(await exportPKCS8(keys.privateKey as CryptoKey))
const appleOptions = { clientId: 'org.example.app', teamId: 'TEAM123456', keyId: 'KEY1234567', privateKey: appleKey }

describe('the providers by name', () => {
  const named = {
    google: google(client),
    github: github(client),
    gitlab: gitlab(client),
    microsoft: microsoft({ ...client, tenant: TENANT }),
    apple: apple(appleOptions),
  }

  it('are all read, closed to strangers, and take the word of nobody for an address', () => {
    const read = Object.values(readProviders(named))
    assert.deepEqual([...new Set(read.map(({ signUp, trustsEmail }) => `${signUp} ${trustsEmail}`))], ['closed false'])
    assert.ok(read.every(({ issuer }) => issuer.startsWith('https://')))
  })

  it('show no secret, however they are printed', () => {
    assert.ok(!JSON.stringify(named).includes('secret"'))
    assert.ok(!JSON.stringify(named).includes('PRIVATE'))
  })

  it('keep people of Microsoft apart by tenant, and never take its address for verified (L42)', () => {
    assert.equal(named.microsoft.issuer, `https://login.microsoftonline.com/${TENANT}/v2.0`)
    assert.equal(microsoft({ ...client, tenant: 'common', trustsEmail: true } as never).trustsEmail, false)
  })

  it('may not be the same twice, under whatever id (L45)', () => {
    assert.throws(() => readProviders({ google: google(client), mine: google(client) }), {
      code: 'HF_OPTION_INVALID',
    })
  })
})

describe('Apple', () => {
  it('is given a secret that our key signs, for one request', async () => {
    const now = Date.now()
    const text = (await apple(appleOptions).secret(now)).reveal()
    const { payload, protectedHeader } = await jwtVerify(text, keys.publicKey)
    assert.deepEqual(protectedHeader, { alg: 'ES256', kid: 'KEY1234567' })
    assert.deepEqual([payload.iss, payload.sub, payload.aud], ['TEAM123456', 'org.example.app', 'https://appleid.apple.com'])
    assert.equal(payload.exp! - payload.iat!, 300)
  })

  it('answers as a form where a name or an address is asked for, and as an address where not', () => {
    assert.equal(apple(appleOptions).responseMode, 'form_post')
    assert.equal(apple({ ...appleOptions, scopes: [] }).responseMode, 'query')
  })
})

describe('an answer that comes as a form (form_post)', () => {
  let idp: LyingProvider
  before(async () => void (idp = await lyingProvider()))
  after(async () => await idp.close())

  async function open() {
    const provider = { ...idp.configured(), responseMode: 'form_post' as const }
    const app = await startApp({ options: { signIn: { providers: { idp: provider } } } })
    const { userId } = await app.signIn('admin', 'ada')
    const identity = { provider: 'idp', issuer: idp.issuer, subject: 'person-1', shown: 'x', strong: false }
    await app.holdfast.accounts.identities.link(userId, identity, TEST)
    return app
  }
  const foreign = {
    origin: 'https://appleid.apple.com',
    'sec-fetch-site': 'cross-site',
    'content-type': 'application/x-www-form-urlencoded',
  }

  it('does nothing but become an address, and ends in the browser in which it began alone', async () => {
    await using app = await open()
    const browser = wanderer(app)
    const out = await browser.leave()
    assert.equal(new URL(out).searchParams.get('response_mode'), 'form_post')
    const sent = new URL(idp.visit(out)).search.slice(1)
    // Without a cookie of ours, as a browser sends it from another site.
    const body = `${sent}&user=%7B%22name%22%3A%22x%22%7D`
    const answer = await app.fetch('/login/with/idp/callback', { method: 'POST', headers: foreign, body })
    assert.equal(answer.status, 303)
    assert.deepEqual(answer.all('set-cookie'), [])
    assert.ok(answer.headers.location!.startsWith('/login/with/idp/callback?code='))
    assert.ok(!answer.headers.location!.includes('user'))
    const other = wanderer(app)
    assert.equal((await other.get(answer.headers.location!)).status, 400)
    assert.equal((await browser.get(answer.headers.location!)).status, 303)
    assert.equal(await browser.who(), 'ada')
  })

  it('is taken at that address alone: the beginning and every other page stay closed to other sites', async () => {
    await using app = await open()
    for (const path of ['/login/with/idp', '/login', '/notes'])
      assert.equal((await app.fetch(path, { method: 'POST', headers: foreign, body: 'x=y' })).status, 403, path)
  })
})

describe('GitHub', () => {
  const answers = (user: unknown, emails: unknown) => (url: string) => Promise.resolve(url.endsWith('/emails') ? emails : user)

  it('names somebody by number, with the primary address when it is verified', async () => {
    const emails = [
      { email: 'other@example.org', primary: false, verified: true },
      { email: 'me@example.org', primary: true, verified: true },
    ]
    assert.deepEqual(await readPerson(answers({ id: 583231, login: 'octocat', name: null }, emails)), {
      ...{ subject: '583231', shown: 'octocat', email: 'me@example.org', name: undefined },
    })
    const unverified = [{ email: 'me@example.org', primary: true, verified: 'false' }]
    assert.equal((await readPerson(answers({ id: 1, login: 'a' }, unverified)))?.email, undefined)
  })

  it('names nobody without a number (L43)', async () => {
    for (const user of [{}, { id: '' }, { id: '583231' }, { id: 0 }, { id: null }, { id: 1.5 }, [], null, 'x'])
      assert.equal(await readPerson(answers(user, [])), undefined, JSON.stringify(user))
  })

  it('is asked with the token that it gave us for our code, under PKCE (L46, L50)', async () => {
    const idp = await lyingProvider()
    const seen: (string | undefined)[] = []
    const json =
      (value: unknown): RequestListener =>
      (request, response) => {
        seen.push(request.headers.authorization)
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
      }
    const token = json({ access_token: 'their token', token_type: 'bearer', scope: 'user:email' })
    idp.lies = { answer: { '/token': token, '/user': json({ id: 42, login: 'octocat' }), '/user/emails': json([]) } }
    const person = async (get: (url: string) => Promise<unknown>) =>
      await readPerson((url) => get(url.replace('https://api.github.com', idp.issuer)))
    const oauth = { authorizationEndpoint: `${idp.issuer}/authorize`, tokenEndpoint: `${idp.issuer}/token`, person }
    await using app = await startApp({ options: { signIn: { providers: { idp: { ...idp.configured(), oauth } } } } })
    const { userId } = await app.signIn('admin', 'ada')
    const identity = { provider: 'idp', issuer: idp.issuer, subject: '42', shown: 'octocat', strong: false }
    await app.holdfast.accounts.identities.link(userId, identity, TEST)
    const browser = wanderer(app)
    const out = await browser.leave()
    assert.equal(new URL(out).searchParams.get('code_challenge_method'), 'S256')
    assert.equal((await browser.comeBack(idp.visit(out))).status, 303)
    assert.equal(await browser.who(), 'ada')
    assert.deepEqual(seen.slice(1), ['Bearer their token', 'Bearer their token'])
    idp.lies = { answer: { ...idp.lies.answer, '/token': json({ error: 'bad_verification_code' }) } }
    const other = wanderer(app)
    assert.equal((await other.comeBack(idp.visit(await other.leave()))).status, 401)
    await idp.close()
  })
})
