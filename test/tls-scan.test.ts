/**
 * What scanners of TLS say of `npm start`: nothing but what a certificate for one's own machine cannot avoid. A server of the last decade
 * is looked at first: a scanner that finds nothing there sees nothing.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { constants } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import http2 from 'node:http2'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import tls from 'node:tls'
import { promisify } from 'node:util'
import { localCertificate } from '../src/tls/local.ts'
import { startExample, type Example } from './support/example.ts'
import { executable } from './support/services.ts'

const run = promisify(execFile)
const [sslscan, testssl] = [
  await executable('sslscan', 'HOLDFAST_TEST_SSLSCAN', '/usr/bin/sslscan'),
  await executable('testssl.sh', 'HOLDFAST_TEST_TESTSSL', '/usr/bin/testssl'),
]
const folder = mkdtempSync(join(tmpdir(), 'holdfast-scan-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** TLS 1.0, and ciphers without forward secrecy or authentication of what they hide. */
async function weakServer(): Promise<tls.Server & AsyncDisposable & { readonly port: number }> {
  const { key, cert } = await localCertificate(join(folder, 'weak'))
  const options = {
    key,
    cert,
    minVersion: 'TLSv1',
    ciphers: 'ALL:@SECLEVEL=0',
    secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT,
  } as const
  const server = tls.createServer(options, (socket) => socket.on('error', () => {}).end('HTTP/1.1 200 OK\r\n\r\n'))
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return Object.assign(server, { port, [Symbol.asyncDispose]: async () => void server.close() })
}

/** What is wrong, as sslscan sees it: protocols, ciphers under 128 bits, groups under 112, compression, renegotiation, heartbleed. */
async function sslscanFindings(port: number): Promise<string[]> {
  const { stdout } = await run(
    'url' in sslscan ? sslscan.url : '',
    ['--no-colour', '--xml=-', '--sni-name=localhost', `127.0.0.1:${port}`],
    {
      timeout: 120_000,
    },
  )
  const elements = [...stdout.matchAll(/<(\w+)((?: [\w-]+="[^"]*")+)/g)].map(([, name, attributes]) => ({
    name: name!,
    of: Object.fromEntries([...attributes!.matchAll(/ ([\w-]+)="([^"]*)"/g)].map(([, key, value]) => [key!, value!])),
  }))
  assert.ok(
    elements.some(({ name }) => name === 'cipher'),
    `sslscan saw no cipher: ${stdout}`,
  )
  return elements.flatMap(({ name, of }) => {
    if (name === 'protocol' && of['enabled'] === '1' && !['1.2', '1.3'].includes(of['version']!))
      return `${of['type']} ${of['version']}`
    if (name === 'cipher' && (Number(of['bits']) < 128 || !/GCM|CHACHA20|CCM/.test(of['cipher']!))) return of['cipher']!
    if (name === 'group' && Number(of['bits']) < 128) return of['name']!
    if (name === 'heartbleed' && of['vulnerable'] !== '0') return 'heartbleed'
    if (name === 'renegotiation' && of['supported'] !== '0') return 'renegotiation'
    return name === 'compression' && of['supported'] === '1' ? 'compression' : []
  })
}

/** Findings of LOW and above that are accepted, each with why. */
const ACCEPTED: Readonly<Record<string, string>> = {
  cert_revocation:
    'a certificate for one machine has nobody who would publish a list of revocations; its authority has no key any more',
  DNS_CAArecord: 'localhost is not in the DNS, so nobody can say there which authority may vouch for it',
}

async function testsslFindings(
  port: number,
  ca: string,
  parts: readonly string[],
): Promise<readonly { readonly id: string; readonly severity: string }[]> {
  const file = join(folder, `testssl-${port}.json`)
  const what = ['--quiet', '--color', '0', '--warnings', 'off', '--severity', 'LOW', '--add-ca', ca, '--jsonfile', file]
  await run('url' in testssl ? testssl.url : '', [...what, ...parts, `localhost:${port}`], { timeout: 300_000 }).catch(
    (error: { code?: unknown }) => {
      // It ends with how many findings there are; what keeps it from looking ends it with 240 and more.
      if (typeof error.code !== 'number' || error.code >= 240) throw error
    },
  )
  return JSON.parse(readFileSync(file, 'utf8')) as { id: string; severity: string }[]
}

/** Protocols, categories of ciphers, forward secrecy, the certificate, and what had a name. Not 370 ciphers one by one. */
const PARTS = ['-p', '-s', '-f', '-S', '-R', '-C', '-O', '-Z', '-4']

const isFinding = ({ severity }: { readonly severity: string }) => ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'].includes(severity)

describe('sslscan', { skip: 'skip' in sslscan && sslscan.skip }, () => {
  it('finds nothing about npm start, and finds a server of the last decade', async () => {
    await using weak = await weakServer()
    const found = await sslscanFindings(weak.port)
    assert.ok(found.includes('tls 1.0') && found.some((name) => /CBC|SHA$|ARIA|CAMELLIA/.test(name)), found.join(', '))
    await using example = await startExample('admin-panel')
    assert.deepEqual(await sslscanFindings(example.port), [])
  })
})

describe('testssl.sh', { skip: 'skip' in testssl && testssl.skip }, () => {
  // It takes its time: a minute alone, more beside others.
  it(
    'finds nothing at LOW or above about npm start that has no reason, and finds a server of the last decade',
    { timeout: 400_000 },
    async () => {
      await using weak = await weakServer()
      const found = (await testsslFindings(weak.port, join(folder, 'weak/ca.pem'), ['-p'])).filter(isFinding).map(({ id }) => id)
      assert.ok(found.includes('TLS1'), found.join(', '))
      await using example = await startExample('admin-panel')
      const own = (await testsslFindings(example.port, join(example.data, 'tls/ca.pem'), PARTS)).filter(isFinding)
      assert.deepEqual(
        own.filter(({ id }) => !(id in ACCEPTED)),
        [],
      )
      // What is accepted and not found any more is no exception any more.
      assert.deepEqual(own.map(({ id }) => id).toSorted(), Object.keys(ACCEPTED).toSorted())
    },
  )
})

describe('npm start', () => {
  it('ends while browsers hold connections of HTTP/2 and HTTP/1.1', async () => {
    const example: Example = await startExample('admin-panel')
    const { ca } = await localCertificate(join(example.data, 'tls'))
    const session = http2.connect(example.origin, { ca })
    session.on('error', () => {})
    const stream = session.request({ ':path': '/' })
    const [head] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders]
    assert.equal(head[':status'], 200)
    stream.resume()
    const idle = tls.connect({ port: example.port, host: 'localhost', ca, ALPNProtocols: ['http/1.1'] })
    idle.on('error', () => {})
    await once(idle, 'secureConnect')
    const { code } = await example.stop()
    assert.equal(code, 0)
    session.destroy()
    rmSync(example.data, { recursive: true, force: true })
  })
})
