/** A server whose certificate comes by ACME, and the certificates it serves, for tests against Pebble. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, drain, redirectServer } from '../../src/adapters/server.ts'
import type { Guard } from '../../src/engine/carrier.ts'
import { generateKey } from '../../src/crypto/keyring.ts'
import { acmeCertificates, fileStorage, type AcmeCertificates, type AcmeOptions, type TlsReport } from '../../src/tls/index.ts'
import { createChanges, type CertificateSource } from '../../src/tls/source.ts'

type Authority = Pick<AcmeOptions, 'directory' | 'outbound'>

export interface Site {
  /** Where TLS-ALPN-01 and visitors come. */
  readonly tlsPort: number
  /** Where HTTP-01 comes. */
  readonly httpPort: number
  readonly server: Server
  readonly reports: TlsReport[]
  readonly folder: string
  /** Opens certificates and serves them. */
  open(authority: Authority, options?: Partial<AcmeOptions>): Promise<AcmeCertificates>
  close(): Promise<void>
}

/** Pebble must know our ports before the certificates know Pebble: the server begins with a source that has nothing. */
export async function acmeSite(listener: RequestListener = (_, response) => void response.end('hi')): Promise<Site> {
  let opened: AcmeCertificates | undefined
  const { onChange, tell } = createChanges()
  const source: CertificateSource = {
    pairs: () => opened?.pairs() ?? [],
    onChange,
    alpnChallenge: (name) => opened?.alpnChallenge?.(name),
    httpChallenge: async (token) => await opened?.httpChallenge?.(token),
    stop: async () => await opened?.stop(),
  }
  const guard = { emit: () => {}, now: Date.now } as unknown as Guard
  const server = createServer(guard, listener, { tls: { certificates: source, http2: true } })
  server.on('tlsClientError', () => {})
  const plain = redirectServer({ origin: 'https://a.test', certificates: source })
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-acme-'))
  const reports: TlsReport[] = []
  const keys = generateKey()
  return {
    tlsPort: await listen(server),
    httpPort: await listen(plain),
    server,
    reports,
    folder,
    async open({ directory, outbound }, options = {}) {
      opened = await acmeCertificates({
        names: ['a.test', 'b.test'],
        termsAgreed: true,
        contact: ['ops@app.example'],
        storage: options.storage ?? (await fileStorage(join(folder, 'storage'))),
        keys,
        every: 60_000, // looks are made by the test
        report: (report) => void reports.push(report),
        ...{ directory, ...(outbound && { outbound }) },
        ...options,
      })
      opened.onChange(tell)
      tell()
      return opened
    },
    async close() {
      await opened?.stop()
      await Promise.all([drain(server, 0), drain(plain, 0)])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}
