/** Sends a page with node:http, Express and Fastify, or makes the Response that Hono and Fetch want. */
import { pipeline, Readable } from 'node:stream'
import { HtmlStream } from './later.ts'
import { bytesOf, render, toStream, type RenderOptions } from './render.ts'
import { SafeHtml } from './safe-html.ts'

export interface SendOptions extends RenderOptions {
  /** @default 200 */
  readonly status?: number | undefined
}

/** What node:http and Express have. */
export interface NodeResponse extends NodeJS.WritableStream {
  statusCode: number
  setHeader(name: string, value: string): unknown
}

/** What Fastify has. */
export interface FastifyResponse {
  code(status: number): unknown
  header(name: string, value: string): unknown
  send(body: unknown): unknown
}

const TYPE = 'text/html; charset=utf-8'

/**
 * Answers with a page. Returns what the framework wants back from a handler, so that `return send(reply, page)` is right everywhere.
 * When a part of a stream fails, the connection is cut, so that half a page is not taken for a whole one.
 *
 * @example app.get('/', (request, response) => send(response, page, { nonce: holdfast.of(request).nonce }))
 */
export function send<R extends NodeResponse | FastifyResponse>(
  response: R,
  page: SafeHtml | HtmlStream,
  { status = 200, nonce }: SendOptions = {},
): R {
  const body = HtmlStream.is(page) ? Readable.from(bytesOf(page, { nonce }), { objectMode: false }) : render(page, { nonce })
  if (isFastify(response)) {
    response.code(status)
    response.header('content-type', TYPE)
    response.send(body)
    return response
  }
  response.statusCode = status
  response.setHeader('content-type', TYPE)
  if (typeof body === 'string') response.end(body)
  // `pipeline` ends the response, and destroys it when the page failed.
  else pipeline(body, response, () => undefined)
  return response
}

/**
 * The Response for a page: for Hono, and for everything that speaks Fetch.
 *
 * @example app.get('/', (context) => toResponse(page, { nonce }))
 */
export function toResponse(page: SafeHtml | HtmlStream, { status = 200, nonce }: SendOptions = {}): Response {
  const body = HtmlStream.is(page) ? toStream(page, { nonce }) : render(page, { nonce })
  return new Response(body, { status, headers: { 'content-type': TYPE } })
}

function isFastify(response: NodeResponse | FastifyResponse): response is FastifyResponse {
  return 'code' in response && 'send' in response && !('setHeader' in response)
}
