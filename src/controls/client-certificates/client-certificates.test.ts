import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import https from 'node:https'
import http2 from 'node:http2'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { clientAuthority, type Issued } from '../../../test/support/client-authority.ts'
import { startApp, type TestApp } from '../../../test/support/app.ts'
import { node } from '../../adapters/node.ts'
import { createServer, drain, type TlsSetting } from '../../adapters/server.ts'
import { createHoldfast, type HoldfastOptions } from '../../index.ts'
import { localCertificate } from '../../tls/local.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-mtls-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const certificate = await localCertificate(folder)
const authority = await clientAuthority()
const billing = await authority.issue([{ type: 'url', value: 'spiffe://prod/billing' }])
const SERVICES = { 'URI:spiffe://prod/billing': { name: 'billing', roles: ['member'] } }

interface Answer {
  readonly status: number
  readonly text: string
}

interface Running extends AsyncDisposable {
  readonly app: TestApp
  ask(path: string, shown?: Pick<Issued, 'key' | 'cert'>, headers?: Readonly<Record<string, string>>): Promise<Answer>
  readonly port: number
}

/** A server that answers who it took the client for. */
async function serving(options: HoldfastOptions['clientCertificates'], tls: Partial<TlsSetting> = {}): Promise<Running> {
  const app = await startApp({ tls: true, options: { clientCertificates: options!, public: ['/public-json', '/'] } })
  const { holdfast } = app
  const listener = node(holdfast, (request, response) => {
    const { principal, clientCertificate } = holdfast.of(request)
    response.end(JSON.stringify([principal?.id ?? null, principal?.roles ?? null, clientCertificate?.names ?? null]))
  })
  const server = createServer(holdfast, listener, {
    tls: { key: certificate.key, cert: certificate.cert, clientCertificates: { ca: authority.ca }, ...tls },
  })
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const { host } = new URL(app.origin)
  return {
    app,
    port,
    ask: (path, shown, headers = {}) => ask({ port, path, headers: { host, ...headers }, ...shown }),
    async [Symbol.asyncDispose]() {
      await drain(server, 0)
      await app[Symbol.asyncDispose]()
    },
  }
}

function ask(options: https.RequestOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = https.request({ ...options, host: '127.0.0.1', servername: 'localhost', ca: certificate.ca, agent: false })
    request.on('error', reject)
    request.on('response', (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () => resolve({ status: response.statusCode!, text }))
    })
    request.end()
  })
}

describe('client certificates', () => {
  it('are asked for where they are required, and make the service the one who asks', async () => {
    await using it = await serving({ required: ['/internal/'], services: SERVICES })
    assert.deepEqual(await it.ask('/internal/rates', billing), {
      status: 200,
      text: '["service:billing",["member"],["URI:spiffe://prod/billing"]]',
    })
    const none = await it.ask('/internal/rates')
    assert.deepEqual([none.status, JSON.parse(none.text).code], [403, 'client-certificate-required'])
    assert.equal(it.app.events.at(-1)!.type, 'tls_client_refused')
    // Elsewhere it is known, and opens nothing.
    assert.equal((await it.ask('/elsewhere', billing)).status, 401)
    assert.equal((await it.ask('/', billing)).text, '[null,null,["URI:spiffe://prod/billing"]]')
    assert.equal((await it.ask('/')).status, 200)
  })

  it('count for HTTP/2 as well', async () => {
    await using it = await serving({ required: 'everywhere', services: SERVICES }, { http2: true })
    const { key, cert } = billing
    const client = http2.connect(`https://127.0.0.1:${it.port}`, { ca: certificate.ca, servername: 'localhost', key, cert })
    const stream = client.request({ ':path': '/internal', ':authority': new URL(it.app.origin).host })
    let text = ''
    for await (const chunk of stream) text += String(chunk)
    client.close()
    assert.match(text, /^\["service:billing"/)
  })

  it('of another authority, for servers, past their time, of nobody here or of two services are refused', async () => {
    const two = { ...SERVICES, 'DNS:mail.internal': { name: 'mail', roles: ['admin'] } }
    await using it = await serving({ required: 'everywhere', services: two })
    const other = await (await clientAuthority()).issue([{ type: 'url', value: 'spiffe://prod/billing' }])
    const server = await authority.issue([{ type: 'url', value: 'spiffe://prod/billing' }], { usage: 'serverAuth' })
    const old = await authority.issue([{ type: 'url', value: 'spiffe://prod/billing' }], { expires: new Date(Date.now() - 1000) })
    const stranger = await authority.issue([{ type: 'dns', value: 'billing.prod' }])
    const both = await authority.issue([
      { type: 'url', value: 'spiffe://prod/billing' },
      { type: 'dns', value: 'mail.internal' },
    ])
    for (const shown of [other, server, old])
      assert.equal(JSON.parse((await it.ask('/public-json', shown)).text).code, 'client-certificate-required')
    for (const shown of [stranger, both])
      assert.equal(JSON.parse((await it.ask('/public-json', shown)).text).code, 'client-certificate-unknown')
    it.app.clock.advance(2 * 86_400_000) // on a connection that outlives the certificate
    assert.equal((await it.ask('/public-json', billing)).status, 403)
  })

  it('that are revoked are refused, in each new connection', async () => {
    const mail = await authority.issue([{ type: 'url', value: 'spiffe://prod/billing' }])
    const revoked = await authority.revoke(mail.serialNumber)
    await using it = await serving(
      { required: 'everywhere', services: SERVICES },
      { clientCertificates: { ca: authority.ca, revoked } },
    )
    assert.equal((await it.ask('/public-json', billing)).status, 200)
    assert.equal((await it.ask('/public-json', mail)).status, 403)
  })

  it('can be demanded in the handshake, so that nobody else speaks HTTP at all', async () => {
    await using it = await serving({}, { clientCertificates: { ca: authority.ca, everywhere: true } })
    assert.equal((await it.ask('/', billing)).status, 200)
    await assert.rejects(it.ask('/'), { code: /CERTIFICATE_REQUIRED|ECONNRESET/ })
  })

  it('in headers are nothing, whoever sends them', async () => {
    await using it = await serving({ required: 'everywhere', services: SERVICES })
    const pem = billing.cert.replaceAll(/\s+/g, ' ')
    for (const [name, value] of [
      ['x-client-cert', pem],
      ['x-ssl-client-verify', 'SUCCESS'],
      ['x-forwarded-client-cert', 'URI=spiffe://prod/billing'],
      ['client-cert', `:${Buffer.from(billing.cert).toString('base64')}:`],
    ] as const)
      assert.equal((await it.ask('/public-json', undefined, { [name]: value })).status, 403)
  })

  it('refuses at start-up what cannot be meant', async () => {
    const start = (options: object) =>
      createHoldfast({
        origin: 'https://app.example',
        mode: 'test',
        database: ':memory:',
        data: folder,
        log: 'silent',
        clientCertificates: options,
      })
    for (const options of [
      { required: ['/internal'] },
      { services: { billing: { name: 'billing', roles: [] } } },
      { services: { 'DNS:a': { name: 'Billing!', roles: [] } } },
      { services: { 'DNS:a': { name: 'billing', roles: ['nobody'] } } },
      { services: { 'DNS:a': { name: 'billing', roles: [] }, 'DNS:b': { name: 'billing', roles: ['admin'] } } },
    ])
      await assert.rejects(start(options), { code: 'HF_OPTION_INVALID' })
    const tls = (clientCertificates: TlsSetting['clientCertificates']) => () =>
      createServer({} as never, () => {}, { tls: { ...certificate, clientCertificates: clientCertificates! } })
    assert.throws(tls({ ca: '' }), /holds no certificate/)
    assert.throws(tls({ ca: authority.ca, revoked: authority.ca }), /holds no revocation list/)
  })
})
