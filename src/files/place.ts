/** Where an answer goes: what each framework hands to a handler, seen as one. No framework is imported for it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { findCarried } from '../engine/carrier.ts'

/** Fastify's reply. */
export interface FastifyPlace {
  readonly raw: ServerResponse
  readonly request: { readonly raw: IncomingMessage }
  hijack(): unknown
}

/** Hono's context, on @hono/node-server. */
export interface HonoPlace {
  readonly env: unknown
  readonly finalized: boolean
}

/** `response` of node:http and Express, `reply` of Fastify, `context` of Hono. */
export type Place = ServerResponse | FastifyPlace | HonoPlace

/** What a handler gives back to its framework: a Response to Hono, the reply to Fastify, and to the others only that it is done. */
export type Sent<To extends Place> = To extends HonoPlace ? Response : To extends FastifyPlace ? To : true

export interface FileAnswer {
  readonly status: number
  readonly head: Readonly<Record<string, string>>
  readonly body?: Readable | undefined
  /** In place of the kit's own policy, which is made for pages. */
  readonly policy?: string | undefined
}

/** A request as the frameworks show it: node's own and Express's, `request.raw` of Fastify, `context.env.incoming` of Hono. */
export function incoming(request: object): IncomingMessage {
  const shown = request as { readonly raw?: IncomingMessage; readonly env?: { readonly incoming?: IncomingMessage } }
  return shown.env?.incoming ?? shown.raw ?? (request as IncomingMessage)
}

/** The request that is answered at `to`. */
export function requestOf(to: Place): IncomingMessage {
  if ('env' in to) return incoming(to)
  return 'hijack' in to ? to.request.raw : to.req
}

export async function send<To extends Place>(to: To, { status, head, body, policy }: FileAnswer): Promise<Sent<To>> {
  const request = requestOf(to)
  // Past the adapters' dressing, where the kit's policy would win over the one of this answer.
  if (policy !== undefined) findCarried(request)?.x.head.set('content-security-policy', policy)
  const fields = policy === undefined ? head : { ...head, 'content-security-policy': policy }
  const silent = request.method === 'HEAD'
  if (silent) body?.destroy()
  const stream = silent ? undefined : body
  if ('env' in to)
    return new Response(stream ? (Readable.toWeb(stream) as ReadableStream) : null, { status, headers: fields }) as Sent<To>
  if ('hijack' in to) to.hijack()
  await write('hijack' in to ? to.raw : to, status, fields, stream)
  return ('hijack' in to ? to : true) as Sent<To>
}

async function write(
  response: ServerResponse,
  status: number,
  head: Readonly<Record<string, string>>,
  body: Readable | undefined,
): Promise<void> {
  // A client may be gone before the first word, in HTTP/2 as soon as it has asked: nothing would take the file, nor close it.
  if (isGone(response)) return await closed(body)
  response.writeHead(status, head)
  if (body === undefined) return void response.end()
  // A client that left, or a file that broke off: the connection ends, for half a file is not a file. There is nobody to tell.
  await pipeline(body, response).catch(async () => {
    response.destroy()
    await closed(body)
  })
}

/** Until the file is really closed, which takes a turn of the system: who counts what is open, or takes the folder away, waits for it. */
async function closed(body: Readable | undefined): Promise<void> {
  if (body === undefined || body.closed) return
  const { promise, resolve } = Promise.withResolvers<void>()
  body.once('close', resolve)
  body.destroy()
  await promise
}

function isGone(response: ServerResponse & { readonly stream?: { readonly destroyed: boolean } }): boolean {
  return response.destroyed || response.stream?.destroyed === true
}
