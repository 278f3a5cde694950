/**
 * body: reads JSON and forms once, bounded, for every framework; counts what handlers read themselves.
 * Stops oversized and compressed bombs, nesting, key floods, duplicate and `__proto__` keys, and two parsers that disagree on what
 * a body is (attacks A06–A09, A68–A80). Sources: OWASP API Security 2023 API4, OWASP "REST Security Cheat Sheet", RFC 9110 §8.
 */
import { isUtf8 } from 'node:buffer'
import type { Readable } from 'node:stream'
import { defineControl } from '../../engine/control.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { Body, LateRefusal } from '../../engine/facts.ts'
import { deny, type Reply } from '../../engine/reply.ts'
import { createDeadlines } from '../../http/deadlines.ts'
import { CODINGS } from '../../http/decompress.ts'
import { parseForm, type FormLimits } from '../../http/form.ts'
import { parseJson, type JsonLimits } from '../../http/json.ts'
import { readStream, type ReadReason } from '../../http/read-stream.ts'
import { countStream } from './count-stream.ts'
import { decideMedia, type Media } from './media.ts'
import { bodyOptions, checkBody, type BodyInput, type BodyOptions } from './options.ts'

type Parsed = Extract<Media, { as: 'json' | 'form' }>

/** What the client is told for each way a body can fail to arrive whole. */
const UNREAD: Readonly<Record<Exclude<ReadReason, 'consumed'>, readonly [status: number, code: string]>> = {
  'too-large': [413, 'body-too-large'],
  aborted: [400, 'body-incomplete'],
  'malformed-encoding': [400, 'body-malformed'],
  timeout: [408, 'body-timeout'],
}

const UNSUPPORTED = { 'accept-encoding': CODINGS.join(', ') }

export const body = defineControl<'body', BodyInput, BodyOptions>({
  name: 'body',
  gives: [Body],
  options: bodyOptions,
  check: checkBody,

  start({ options, emit }) {
    const jsonTypes = new Set(['application/json', ...options.jsonTypes])
    const { depth, keys, elements } = options
    const deadlines = createDeadlines(options.timeout)

    function enter(x: Exchange): Reply | undefined | Promise<Reply | undefined> {
      const { stream, route } = x
      if (stream === undefined || !hasBody(x, stream)) return undefined
      const expected = declaredLength(x)
      if (Number.isNaN(expected)) return refuse(x, 400, 'body-malformed', 'content-length')
      if (route.body === 'raw') return count(x, stream, expected)
      const media = decideMedia(x.header('content-type'), x.header('content-encoding'), jsonTypes)
      if (media.as === 'refused') return refuse(x, 415, 'body-type-unsupported', media.reason)
      return media.as === 'stream' ? count(x, stream, expected) : read(x, stream, media, expected)
    }

    /** The handler reads; we count. A length declared too large is refused before a byte of it is asked for. */
    function count(x: Exchange, stream: Readable, expected: number | undefined): Reply | undefined {
      const limit = x.route.bodyLimit ?? options.raw
      if (expected !== undefined && expected > limit) return refuse(x, 413, 'body-too-large', 'too-large')
      countStream(stream, limit, () => x.set(LateRefusal, refuse(x, 413, 'body-too-large', 'too-large')))
      return undefined
    }

    async function read(x: Exchange, stream: Readable, media: Parsed, expected: number | undefined): Promise<Reply | undefined> {
      const limit = x.route.bodyLimit ?? options[media.as]
      const result = await readStream(stream, limit, { decode: media.decode, expected, deadlines })
      if (!result.ok) {
        if (result.reason === 'consumed') throw new Error(CONSUMED)
        const [status, code] = UNREAD[result.reason]
        return refuse(x, status, code, result.reason)
      }
      const { bytes } = result
      if (bytes.length === 0 && media.as === 'json') return refuse(x, 400, 'body-malformed', 'empty')
      if (!isUtf8(bytes)) return refuse(x, 400, 'body-malformed', 'bad-utf8')
      const parsed =
        media.as === 'json' ? parseJson(textOf(bytes), jsonLimits(limit)) : parseForm(textOf(bytes), formLimits(limit))
      if (!parsed.ok) return refuse(x, 400, 'body-malformed', parsed.reason, false)
      x.set(Body, { type: media.type, value: parsed.value, bytes })
      return undefined
    }

    /**
     * `close`: the rest of the body is still on its way. It is thrown away until the answer is out: an answer sent over unread
     * bytes would be lost in a reset of the connection.
     */
    function refuse(x: Exchange, status: number, code: string, reason: string, close = true): Reply {
      if (close) x.stream?.resume()
      emit({ type: 'input_validation_fail', data: { reason, status } }, x)
      return deny(status, code, { reason, close, ...(status === 415 && { head: UNSUPPORTED }) })
    }

    const jsonDefault: JsonLimits = { length: options.json, depth, keys, elements }
    const formDefault: FormLimits = { length: options.form, valueLength: options.form, fields: options.fields }
    const jsonLimits = (length: number) => (length === options.json ? jsonDefault : { ...jsonDefault, length })
    const formLimits = (length: number) =>
      length === options.form ? formDefault : { ...formDefault, length, valueLength: length }

    return { enter, leave: closeUnread }
  },
})

const CONSUMED = 'The body was read before Holdfast saw the request. Put Holdfast before every body parser.'

const textOf = (bytes: Buffer): string => bytes.toString('utf8')

/** HTTP/1 says by a header that a body follows (RFC 9112 §6.3); HTTP/2 by a stream that is not ended with the head. */
function hasBody(x: Exchange, stream: Readable): boolean {
  const length = x.header('content-length')
  if (length !== undefined) return length !== '0'
  if (x.header('transfer-encoding') !== undefined) return true
  if (x.httpVersion !== '2.0') return false
  const { stream: frames } = stream as Readable & { readonly stream?: { readonly endAfterHeaders?: boolean } }
  return frames?.endAfterHeaders === false
}

/** Content-Length in bytes; `undefined` without one, NaN when it is no number. */
function declaredLength(x: Exchange): number | undefined {
  const text = x.header('content-length')
  if (text === undefined) return undefined
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
}

/**
 * A body without a declared end that nobody has read to it when the answer begins: Node would go on taking it in for the next
 * request on the connection. Close instead (RFC 9112 §9.6).
 */
function closeUnread(x: Exchange): void {
  const { stream } = x
  if (stream === undefined || x.httpVersion === '2.0' || x.header('transfer-encoding') === undefined) return
  if ((stream as Readable & { readonly complete?: boolean }).complete === false) x.head.set('connection', 'close')
}
