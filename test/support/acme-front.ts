/**
 * Stands in front of Pebble, whose Debian package (2.4.0) has no ARI: adds `renewalInfo` to its directory and answers it (RFC 9773), and
 * writes down which certificate an order says it replaces. Everything else passes through.
 */
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OutboundOptions } from '../../src/outbound/index.ts'
import { localCertificate } from '../../src/tls/local.ts'
import type { Pebble } from './pebble.ts'

export interface Front {
  readonly directory: string
  readonly outbound: OutboundOptions
  /** What `renewalInfo` answers; `undefined`: 500. */
  suggest(
    answer:
      | { readonly start: number; readonly end: number; readonly retryAfter?: string; readonly explanation?: string }
      | undefined,
  ): void
  /** The ids that were asked about. */
  readonly asked: string[]
  /** What orders said in `replaces`; `undefined` for those that said nothing. */
  readonly orders: (string | undefined)[]
  /** From now on orders with `replaces` are refused, as by an authority that knows of another replacement, or with another error. */
  refuseReplaces(error?: string): void
  close(): Promise<void>
}

/** Without `ari` its directory says nothing of it. */
export async function acmeFront(pebble: Pebble, { ari = true } = {}): Promise<Front> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-front-'))
  const tls = await localCertificate(folder)
  const behind = Number(new URL(pebble.directory).port)
  const [asked, orders]: [string[], (string | undefined)[]] = [[], []]
  let window: Parameters<Front['suggest']>[0]
  let refusing: string | undefined

  const server = https.createServer(tls, (request, response) => {
    const { url = '' } = request
    if (url.startsWith('/ari/')) return answerAri(url.slice(5), response)
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      if (url === '/order-plz' && note(body) && refusing !== undefined) refuse(response, refusing)
      else pass(request, body, response)
    })
  })

  function answerAri(id: string, response: ServerResponse): void {
    asked.push(id)
    if (window === undefined) return void response.writeHead(500).end()
    const [start, end] = [new Date(window.start).toISOString(), new Date(window.end).toISOString()]
    response.writeHead(200, { 'content-type': 'application/json', 'retry-after': window.retryAfter ?? '21600' })
    response.end(JSON.stringify({ suggestedWindow: { start, end }, explanationURL: window.explanation }))
  }

  function refuse(response: ServerResponse, error: string): void {
    const problem = { type: `urn:ietf:params:acme:error:${error}`, detail: 'not with this one' }
    const limited = error === 'rateLimited'
    const head = { 'content-type': 'application/problem+json', ...(limited && { 'retry-after': '7200' }) }
    response.writeHead(limited ? 429 : 409, head).end(JSON.stringify(problem))
  }

  /** Host stays: Pebble builds its addresses from it, and signatures name them. */
  function pass({ method, url: path, headers }: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const to = { port: behind, host: '127.0.0.1', rejectUnauthorized: false }
    const passed = https.request({ ...to, method, path, headers })
    passed.on('response', (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (chunk: Buffer) => parts.push(chunk))
      answer.on('end', () => {
        const text = Buffer.concat(parts).toString()
        const { 'content-length': _, ...head } = answer.headers
        response.writeHead(answer.statusCode!, head)
        response.end(path === '/dir' && ari ? JSON.stringify({ ...JSON.parse(text), renewalInfo: `${origin}/ari` }) : text)
      })
    })
    passed.on('error', () => response.writeHead(502).end())
    passed.end(body)
  }

  /** Writes down what the order says; whether it says that it replaces something. */
  function note(body: Buffer): boolean {
    const { payload } = JSON.parse(body.toString()) as { payload: string }
    const { replaces } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { replaces?: string }
    orders.push(replaces)
    return replaces !== undefined
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const origin = `https://localhost:${port}`
  return {
    directory: `${origin}/dir`,
    outbound: {
      insecureAllowHosts: { hosts: [`localhost:${port}`], reason: 'It runs on this machine.', until: '2099-01-01' },
      ca: tls.ca,
    },
    suggest: (answer) => void (window = answer),
    asked,
    orders,
    refuseReplaces: (error = 'alreadyReplaced') => void (refusing = error),
    async close() {
      server.close()
      server.closeAllConnections()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
