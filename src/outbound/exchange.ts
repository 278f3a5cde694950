/** One request and its answer, on a connection of its own to an address that was checked: bounded in size and time, by no proxy. */
import type { IncomingMessage } from 'node:http'
import https from 'node:https'
import type { LookupFunction } from 'node:net'
import { http } from '../http/node-http.ts'
import { decompress, type Coding } from '../http/decompress.ts'
import { OutboundError } from './errors.ts'
import type { Limits } from './options.ts'
import type { Target } from './target.ts'

/** What is sent. */
export interface Sending {
  readonly method: string
  readonly headers: Headers
  readonly body: Buffer | undefined
}

/** What came back, whole. */
export interface Answer {
  readonly status: number
  readonly statusText: string
  readonly headers: Headers
  readonly body: Buffer
}

interface Setting {
  readonly limits: Limits
  readonly ca: string | readonly string[] | undefined
  /** Ends everything, with why: an OutboundError, or what the caller aborts with. */
  readonly signal: AbortSignal
}

const CODINGS: ReadonlyMap<string, Coding> = new Map([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['br', 'br'],
  ['zstd', 'zstd'],
])

/** Sends the request and reads the answer. Rejects with OutboundError. */
export async function exchange(target: Target, sending: Sending, setting: Setting): Promise<Answer> {
  const { hostname } = target.url
  const message = await send(target, sending, setting)
  const raw = await readBody(message, hostname, setting)
  const coded = message.headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  const body = coded === 'identity' || raw.length === 0 ? raw : await decode(raw, coded, hostname, setting.limits.maxBody)
  return { status: message.statusCode!, statusText: message.statusMessage ?? '', headers: headersOf(message), body }
}

function send({ url, addresses }: Target, { method, headers, body }: Sending, setting: Setting): Promise<IncomingMessage> {
  const { limits, ca, signal } = setting
  const secure = url.protocol === 'https:'
  // The name was looked up and checked; whoever answers for it a second time is not asked (DNS rebinding).
  const lookup: LookupFunction = (_name, options, done) =>
    options.all ? done(null, [...addresses]) : done(null, addresses[0]!.address, addresses[0]!.family)
  const own = {
    method,
    lookup,
    headers: Object.fromEntries(headers),
    maxHeaderSize: limits.maxHead,
    // A fresh agent: no connection of somebody else's, and none of the proxies that the environment names.
    agent: secure ? new https.Agent({ keepAlive: false }) : new http.Agent({ keepAlive: false }),
  }
  return new Promise((resolve, reject) => {
    // Said here, so that NODE_TLS_REJECT_UNAUTHORIZED of the environment changes nothing.
    const trust = { rejectUnauthorized: true, ...(ca !== undefined && { ca: typeof ca === 'string' ? ca : [...ca] }) }
    const request = secure ? https.request(url, { ...own, ...trust }) : http.request(url, own)
    const timer = setTimeout(() => request.destroy(new OutboundError('too-late', url.hostname)), limits.headTimeout)
    const abort = () => request.destroy(signal.reason as Error)
    signal.addEventListener('abort', abort, { once: true })
    request.on('response', (message) => {
      clearTimeout(timer)
      resolve(message)
    })
    request.on('close', () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    })
    request.on('error', (error) => reject(failure(error, url.hostname)))
    // Nobody asked to speak another protocol.
    request.on('upgrade', (_message, socket) => {
      socket.destroy()
      reject(new OutboundError('malformed', url.hostname))
    })
    if (signal.aborted) abort()
    else request.end(body)
  })
}

/** Stops at the limit, whatever the head has promised. */
async function readBody(message: IncomingMessage, hostname: string, { limits, signal }: Setting): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  const abort = () => message.destroy(signal.reason as Error)
  signal.addEventListener('abort', abort, { once: true })
  try {
    if (signal.aborted) abort()
    for await (const chunk of message as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > limits.maxBody) throw new OutboundError('too-large', hostname)
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  } catch (error) {
    message.destroy()
    throw failure(error, hostname)
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** One coding, undone up to the limit. We ask for none, and read what is sent all the same; a list of them is read by nobody. */
async function decode(raw: Buffer, name: string, hostname: string, limit: number): Promise<Buffer> {
  const coding = CODINGS.get(name)
  const decoded = coding && (await decompress(raw, coding, limit))
  if (decoded?.ok) return decoded.bytes
  throw new OutboundError(decoded?.reason === 'too-large' ? 'too-large' : 'malformed', hostname)
}

/** Of a head that was sent whole; what concerned the connection and the coding is gone with them. */
function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers()
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!.toLowerCase()
    if (name !== 'content-encoding' && name !== 'content-length' && name !== 'transfer-encoding' && name !== 'connection')
      headers.append(name, rawHeaders[index + 1]!)
  }
  return headers
}

function failure(error: unknown, hostname: string): unknown {
  if (error instanceof OutboundError) return error
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown }
  if (name === 'AbortError' || name === 'TimeoutError') return error
  if (code === 'HPE_HEADER_OVERFLOW') return new OutboundError('too-large', hostname, { cause: error })
  const malformed = typeof code === 'string' && (code.startsWith('HPE_') || code === 'ERR_INVALID_CHAR')
  return new OutboundError(malformed ? 'malformed' : 'unreachable', hostname, { cause: error })
}
