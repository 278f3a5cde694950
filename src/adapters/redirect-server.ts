/**
 * The server on port 80: sends readers to https, and answers HTTP-01 for tokens in flight. It serves nothing else, reads no body, and
 * leads nowhere but to the configured origin, whatever Host says (CWE-601). Source: RFC 8555 section 8.3, RFC 9110 section 15.4.9.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { HoldfastError } from '../engine/errors.ts'
import { http } from '../http/node-http.ts'
import { limitServer, SERVER_OPTIONS } from '../http/server-options.ts'
import type { CertificateSource } from '../tls/source.ts'

export interface RedirectSetting {
  /** Where readers are sent: the origin of `createHoldfast`, with https. */
  readonly origin: string
  /** Whose challenges are answered. @default none */
  readonly certificates?: Pick<CertificateSource, 'httpChallenge'>
}

const CHALLENGE = '/.well-known/acme-challenge/'
const STRICT = { 'x-content-type-options': 'nosniff', 'content-security-policy': "default-src 'none'; frame-ancestors 'none'" }
/** A path and query as a browser writes them. Anything else is led to the front page. */
const TARGET = /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,2047}$/

/** Throws HF_OPTION_INVALID when the origin is not https: there would be nothing to lead to. */
export function redirectServer({ origin, certificates }: RedirectSetting): Server {
  const target = URL.parse(origin)
  if (target?.protocol !== 'https:' || target.origin !== origin)
    throw new HoldfastError('HF_OPTION_INVALID', `redirectServer leads to ${JSON.stringify(origin)}, which is no https origin.`, {
      fix: "Give the origin of createHoldfast: 'https://app.example'.",
    })

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const { method = '', url = '' } = request
    response.setHeader('connection', 'close')
    for (const [name, value] of Object.entries(STRICT)) response.setHeader(name, value)
    if (method !== 'GET' && method !== 'HEAD') return end(response, 403, 'Use https.\n')
    if (url.startsWith(CHALLENGE)) return void challenge(url.slice(CHALLENGE.length), response)
    response.setHeader('location', origin + (TARGET.test(url) ? url : '/'))
    end(response, 308, '')
  }

  /** RFC 8555 section 8.3: the text alone. What is not asked for at this moment is not there, and is never echoed. */
  async function challenge(token: string, response: ServerResponse): Promise<void> {
    const text = await certificates?.httpChallenge?.(token).catch(() => undefined)
    response.setHeader('cache-control', 'no-store')
    if (text === undefined) return end(response, 404, 'Not found.\n')
    response.setHeader('content-type', 'application/octet-stream')
    end(response, 200, text)
  }

  const server = limitServer(http.createServer({ ...SERVER_OPTIONS, requestTimeout: 10_000 }, answer))
  server.on('clientError', (_error, socket) => socket.destroy())
  server.on('upgrade', (_request, socket) => socket.destroy())
  return server
}

function end(response: ServerResponse, status: number, text: string): void {
  if (!response.hasHeader('content-type')) response.setHeader('content-type', 'text/plain; charset=utf-8')
  response.writeHead(status, { 'content-length': Buffer.byteLength(text) })
  response.end(response.req.method === 'HEAD' ? undefined : text)
}
