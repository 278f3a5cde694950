/**
 * Pebble, the ACME server for tests of Let's Encrypt, as Debian packages it: started for one test with a resolver that sends every name
 * to this machine, and ended by its process id.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import https from 'node:https'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OutboundOptions } from '../../src/outbound/index.ts'
import { localCertificate } from '../../src/tls/local.ts'
import { freePort } from './ports.ts'
import { executable, type Service } from './services.ts'

export interface Pebble {
  readonly directory: string
  /** For `acmeCertificates`: lets it be reached, and trusts its certificate. */
  readonly outbound: OutboundOptions
  /** The root that signs what it issues, PEM. */
  root(): Promise<string>
  /** What it said so far. */
  log(): string
  stop(): Promise<void>
}

export interface PebbleSetting {
  /** Where it looks for HTTP-01 and TLS-ALPN-01. */
  readonly httpPort?: number
  readonly tlsPort?: number
  /** Its faults, by environment variable: `{ PEBBLE_WFE_NONCEREJECT: '50' }`. */
  readonly faults?: Readonly<Record<string, string>>
}

/** Whether it is installed; `HOLDFAST_TEST_PEBBLE` says where. */
export function pebblePath(): Promise<Service> {
  return executable('Pebble', 'HOLDFAST_TEST_PEBBLE', '/usr/bin/pebble')
}

export async function startPebble({ httpPort = 1, tlsPort = 1, faults = {} }: PebbleSetting = {}): Promise<Pebble> {
  const found = await pebblePath()
  if ('skip' in found) throw new Error(found.skip)
  const resolver = `${found.url}-challtestsrv`
  accessSync(resolver, constants.X_OK)
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-pebble-'))
  const tls = await localCertificate(join(folder, 'tls'))
  writeFileSync(join(folder, 'cert.pem'), tls.cert)
  writeFileSync(join(folder, 'key.pem'), tls.key)
  const [port, management, dns, mock] = [await freePort(), await freePort(), await freePort(), await freePort()]
  const pebble = {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${management}`,
    certificate: join(folder, 'cert.pem'),
    privateKey: join(folder, 'key.pem'),
    httpPort,
    tlsPort,
    ocspResponderURL: '',
    externalAccountBindingRequired: false,
  }
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ pebble }))
  const nothing = ['-http01', '', '-https01', '', '-tlsalpn01', '', '-defaultIPv6', '']
  const names = start(resolver, ['-dns01', `127.0.0.1:${dns}`, '-management', `127.0.0.1:${mock}`, ...nothing], {})
  const usual = { PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '0', PEBBLE_AUTHZREUSE: '0' }
  const server = start(found.url, ['-config', join(folder, 'config.json'), '-dnsserver', `127.0.0.1:${dns}`, '-strict'], {
    ...usual,
    ...faults,
  })
  await Promise.all([answers(port, server), answers(management, server), answers(mock, names)])
  return {
    directory: `https://localhost:${port}/dir`,
    outbound: {
      insecureAllowHosts: { hosts: [`localhost:${port}`], reason: 'Pebble runs on this machine.', until: '2099-01-01' },
      ca: tls.ca,
    },
    root: () => get(`https://localhost:${management}/roots/0`, tls.ca),
    log: () => server.said(),
    async stop() {
      await Promise.all([server.stop(), names.stop()])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

interface Started {
  readonly child: ChildProcess
  said(): string
  stop(): Promise<void>
}

function start(path: string, words: readonly string[], environment: Readonly<Record<string, string>>): Started {
  const child = spawn(path, words, { env: { PATH: process.env['PATH'], ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return {
    child,
    said: () => text,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill()
      await ended
    },
  }
}

/** Resolves once somebody listens there. */
async function answers(port: number, { child, said }: Started): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (child.exitCode !== null) break
    const socket = net.connect(port, '127.0.0.1')
    const here = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'close').then(() => false)]).catch(
      () => false,
    )
    socket.destroy()
    if (here) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error(`Nothing answers at ${port}: ${said()}`)
}

function get(url: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    https
      .get(url, { ca, agent: false }, (response) => {
        let text = ''
        response.on('data', (chunk: Buffer) => (text += chunk.toString()))
        response.on('end', () => resolve(text))
      })
      .on('error', reject)
  })
}
