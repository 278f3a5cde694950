import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import net, { type AddressInfo } from 'node:net'
import type { Server, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { connect } from 'node:tls'
import { handshake } from '../../test/support/handshake.ts'
import type { Guard } from '../engine/carrier.ts'
import { createAuthority } from '../tls/authority.ts'
import { watchedFiles, type CertificatePair, type TlsReport } from '../tls/index.ts'
import { createChanges, type CertificateSource } from '../tls/source.ts'
import { createServer, drain, redirectServer, type TlsSetting } from './server.ts'

const root = mkdtempSync(join(tmpdir(), 'holdfast-serving-'))
const authority = await createAuthority(['test', 'localhost', '127.0.0.1'], Date.now())
const [one, two, wild] = [
  await authority.issue(['one.test']),
  await authority.issue(['two.test']),
  await authority.issue(['*.wild.test']),
]
const servers: Server[] = []
const guard = { emit: () => {}, now: Date.now } as unknown as Guard
after(async () => {
  await Promise.all(servers.map((server) => drain(server, 0)))
  rmSync(root, { recursive: true, force: true })
})

async function listening(server: Server): Promise<number> {
  servers.push(server)
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

interface Changeable extends CertificateSource {
  change(...pairs: readonly CertificatePair[]): void
}

function changeable(...first: readonly CertificatePair[]): Changeable {
  let pairs = first
  const { onChange, tell } = createChanges()
  return {
    pairs: () => pairs,
    onChange,
    change(...next) {
      pairs = next
      tell()
    },
    alpnChallenge: (name) => (name === 'one.test' ? wild : undefined),
    stop: () => Promise.resolve(),
  }
}

async function serve(
  certificates: CertificateSource,
  more: TlsSetting = {},
  answer = (response: ServerResponse) => void response.end('hi'),
) {
  return await listening(createServer(guard, (_request, response) => answer(response), { tls: { certificates, ...more } }))
}

const nameOf = async (port: number, name: string, options = {}) =>
  (await handshake(port, name, options)).certificate.subjectaltname

describe('certificates by name', () => {
  it('are the one for that name, its wildcard, or else the first', async () => {
    const port = await serve(changeable(one, two, wild))
    for (const [name, expected] of [
      ['one.test', 'DNS:one.test'],
      ['TWO.test', 'DNS:two.test'],
      ['deep.wild.test', 'DNS:*.wild.test'],
      ['too.deep.wild.test', 'DNS:one.test'],
      ['other.test', 'DNS:one.test'],
    ] as const)
      assert.equal(await nameOf(port, name), expected, name)
  })

  it('are no one for another name, where that is wished', async () => {
    const port = await serve(changeable(one), { strictNames: true })
    assert.equal(await nameOf(port, 'one.test'), 'DNS:one.test')
    await assert.rejects(handshake(port, 'other.test'))
  })
})

describe('a certificate that is exchanged', () => {
  it('closes no connection: kept alive, HTTP/2, or in the middle of an answer', async () => {
    const certificates = changeable(one)
    let streaming: ServerResponse | undefined
    const port = await serve(certificates, { http2: true }, (response) => {
      if (response.req.url === '/stream') (streaming = response).write('begun ')
      else response.end('hi')
    })
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1, ca: authority.ca, servername: 'one.test' })
    const get = async (path: string) => {
      const request = https.get({ port, host: '127.0.0.1', path, agent })
      const [response] = (await once(request, 'response')) as [http.IncomingMessage]
      return { response, port: request.socket!.localPort }
    }
    const first = await get('/')
    first.response.resume()
    await once(first.response, 'end')
    const session = http2.connect(`https://127.0.0.1:${port}`, { ca: authority.ca, servername: 'one.test' })
    await once(session, 'connect')
    const { response } = await get('/stream')

    certificates.change(two)
    assert.equal(await nameOf(port, 'one.test'), 'DNS:two.test')

    const stream = session.request({ ':path': '/' })
    const [head] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders]
    assert.equal(head[':status'], 200)
    streaming!.end('and ended')
    let text = ''
    for await (const chunk of response) text += String(chunk)
    assert.equal(text, 'begun and ended')
    const again = await get('/')
    assert.equal(again.port, first.port)
    again.response.resume()
    session.close()
    agent.destroy()
  })

  it('is read from files that change, and a half-written pair is not served', async () => {
    const [cert, key] = [join(root, 'cert.pem'), join(root, 'key.pem')]
    const write = (path: string, text: string) => {
      writeFileSync(`${path}.new`, text, { mode: 0o600 })
      renameSync(`${path}.new`, path)
    }
    write(cert, one.cert)
    write(key, one.key)
    const reports: TlsReport[] = []
    const certificates = await watchedFiles(cert, key, { report: (report) => void reports.push(report), every: 3_600_000 })
    const port = await serve(certificates)
    write(cert, two.cert)
    await certificates.look()
    await certificates.look()
    assert.equal(await nameOf(port, 'one.test'), 'DNS:one.test')
    assert.deepEqual(
      reports.map(({ type }) => type),
      ['tls_certificate_refused'],
    )
    assert.match(String(reports[0]!.data['reason']), /is not the key of the certificate/)
    const changed = new Promise<void>((resolve) => void certificates.onChange(resolve))
    write(key, two.key)
    await changed // by watching, without being told to look
    assert.equal(await nameOf(port, 'one.test'), 'DNS:two.test')
    assert.equal(reports.at(-1)!.type, 'tls_certificate_loaded')
    await certificates.stop()
  })

  it('that nobody renewed is spoken of once a day', async () => {
    const [cert, key] = [join(root, 'old.pem'), join(root, 'old-key.pem')]
    writeFileSync(cert, one.cert)
    writeFileSync(key, one.key, { mode: 0o600 })
    const reports: TlsReport[] = []
    let time = Date.now()
    const now = () => time
    const certificates = await watchedFiles(cert, key, { now, report: (report) => void reports.push(report), every: 3_600_000 })
    await certificates.look()
    assert.equal(reports.length, 0)
    time = certificates.current().expires - 10 * 86_400_000
    await certificates.look()
    await certificates.look()
    assert.deepEqual(
      reports.map(({ type, data }) => [type, data['days']]),
      [['tls_certificate_expiring', 10]],
    )
    await certificates.stop()
  })
})

describe('the answer to TLS-ALPN-01', () => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const)
    it(`is the certificate of the challenge, and all others get the usual one (${maxVersion})`, async () => {
      const port = await serve(changeable(one, two), { http2: true })
      const acme = { maxVersion, ALPNProtocols: ['acme-tls/1'] }
      const { alpn, certificate } = await handshake(port, 'one.test', acme)
      assert.deepEqual([alpn, certificate.subjectaltname], ['acme-tls/1', 'DNS:*.wild.test'])
      assert.equal(await nameOf(port, 'one.test', { maxVersion, ALPNProtocols: ['h2'] }), 'DNS:one.test')
      await assert.rejects(handshake(port, 'two.test', acme), /no application protocol/i)
      await assert.rejects(
        handshake(port, 'one.test', { maxVersion, ALPNProtocols: ['acme-tls/1', 'h2'] }),
        /no application protocol/i,
      )
    })

  it('takes no request', async () => {
    for (const second of [false, true]) {
      let asked = 0
      const port = await serve(changeable(one), { http2: second }, (response) => void (asked++, response.end()))
      const socket = connect({
        port,
        host: '127.0.0.1',
        servername: 'one.test',
        ALPNProtocols: ['acme-tls/1'],
        rejectUnauthorized: false,
      })
      socket.on('error', () => {})
      socket.resume().write('GET / HTTP/1.1\r\nHost: one.test\r\n\r\n')
      await once(socket, 'close')
      assert.equal(asked, 0)
    }
  })
})

describe('the listener that leads to https', async () => {
  const certificates = { httpChallenge: async (token: string) => (token === 'known' ? 'known.print' : undefined) }
  const port = await listening(redirectServer({ origin: 'https://app.example', certificates }))
  const raw = async (text: string): Promise<string> => {
    const socket = net.connect(port, '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()))
    socket.on('error', () => {})
    socket.write(text)
    await once(socket, 'close')
    return answer
  }
  const get = (target: string, host = 'app.example', method = 'GET') =>
    raw(`${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
  const location = (answer: string) => /\r\nlocation: (.*)\r\n/.exec(answer)?.[1]

  it('leads to the configured origin alone, whatever it is asked by', async () => {
    assert.equal(location(await get('/a?b=c', 'evil.example')), 'https://app.example/a?b=c')
    for (const target of ['//evil.example/', '/\\evil.example', 'http://evil.example/', '*'])
      assert.equal(location(await get(target)), 'https://app.example/', target)
    assert.match(await get('/a', 'app.example', 'POST'), /^HTTP\/1\.1 403 /)
  })

  it('answers HTTP-01 for tokens in flight, as bytes, and echoes nothing', async () => {
    const known = await get('/.well-known/acme-challenge/known')
    assert.match(known, /^HTTP\/1\.1 200 [^]*\r\ncontent-type: application\/octet-stream\r\n[^]*\r\n\r\nknown\.print$/)
    const other = await get('/.well-known/acme-challenge/<script>')
    assert.match(other, /^HTTP\/1\.1 404 /)
    assert.ok(!other.includes('script'))
  })

  it('refuses an origin without https', () => {
    for (const origin of ['http://app.example', 'https://app.example/', 'app.example'])
      assert.throws(() => redirectServer({ origin }), { code: 'HF_OPTION_INVALID' })
  })
})
