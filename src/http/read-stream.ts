/**
 * Reads a body into memory, never more of it than was agreed: bytes are counted as they come, whatever was declared, and again as
 * they are decoded. Stops bodies over the limit (attacks A69–A72), compression bombs (A73) and the reader that waits for ever
 * for a client that has left (A81, A83). Sources: RFC 9110 §8.6 and §15.5.14; CWE-400, CWE-409.
 */
import type { Readable } from 'node:stream'
import type { Deadlines } from './deadlines.ts'
import { decompress, type Coding } from './decompress.ts'

export interface ReadOptions {
  /** How the bytes are coded (Content-Encoding). The limit holds before and after decoding. */
  readonly decode?: Coding | undefined
  /** Declared length in bytes (Content-Length): above the limit nothing is read at all. */
  readonly expected?: number | undefined
  /** How long the whole body may take. @default none: the server's own `requestTimeout` */
  readonly deadlines?: Deadlines | undefined
}

export type ReadReason = 'too-large' | 'aborted' | 'malformed-encoding' | 'timeout' | 'consumed'

export type ReadResult = { readonly ok: true; readonly bytes: Buffer } | { readonly ok: false; readonly reason: ReadReason }

const EMPTY = Buffer.alloc(0)
const NO_OPTIONS: ReadOptions = {}

const refuse = (reason: ReadReason): ReadResult => ({ ok: false, reason })

/**
 * All bytes of `stream`, at most `limit` of them. Always settles, never rejects. Refused: more than the limit (`too-large`),
 * a client that left before the end (`aborted`), bytes that are not what `decode` says (`malformed-encoding`), a body that took
 * longer than `deadlines` allow, and a stream that somebody read before (`consumed`: a mistake in how the application is put together).
 * What still comes after a refusal is thrown away, so that the refusal can be answered; close the connection after it.
 */
export function readStream(stream: Readable, limit: number, options: ReadOptions = NO_OPTIONS): Promise<ReadResult> {
  const { decode, expected, deadlines } = options
  if (expected !== undefined && expected > limit) {
    discard(stream)
    return Promise.resolve(refuse('too-large'))
  }
  const bytes = collect(stream, limit, deadlines)
  return decode === undefined
    ? bytes
    : bytes.then((result): ReadResult | Promise<ReadResult> => (result.ok ? decompress(result.bytes, decode, limit) : result))
}

function collect(stream: Readable, limit: number, deadlines: Deadlines | undefined): Promise<ReadResult> {
  return new Promise((resolve) => {
    if (stream.readableDidRead) return resolve(refuse('consumed'))
    if (stream.destroyed || wasAborted(stream)) return resolve(refuse('aborted'))

    let first: Buffer = EMPTY
    let gathered: Buffer | undefined
    let total = 0
    let settled = false
    const end = deadlines?.start(() => finish(refuse('timeout')))

    function onData(chunk: Buffer): void {
      const length = total + chunk.length
      if (length > limit) return finish(refuse('too-large'))
      if (total === 0) first = chunk
      else gathered = append(gathered ?? first, total, chunk, limit)
      total = length
    }

    function onEnd(): void {
      if (isHttp2(stream)) setImmediate(settle)
      else settle()
    }

    function settle(): void {
      if (wasAborted(stream)) return finish(refuse('aborted'))
      finish({ ok: true, bytes: gathered === undefined ? first : gathered.subarray(0, total) })
    }

    function onGone(): void {
      finish(refuse('aborted'))
    }

    function finish(result: ReadResult): void {
      // A stream that ended keeps its listeners: taking four away from each costs more than the calls that come to nothing.
      if (settled) return
      settled = true
      end?.()
      if (!result.ok) {
        stream.off('data', onData)
        discard(stream)
      }
      resolve(result)
    }

    stream.on('end', onEnd)
    stream.on('error', onGone)
    stream.on('close', onGone)
    stream.on('data', onData)
  })
}

/**
 * The bytes so far with `chunk` behind them. The room doubles, so what a client makes us hold is at most twice what it sent:
 * neither a declared length nor a chunk per byte is paid for in advance.
 */
function append(held: Buffer, length: number, chunk: Buffer, limit: number): Buffer {
  const needed = length + chunk.length
  const room = held.length >= needed ? held : Buffer.allocUnsafeSlow(Math.min(limit, Math.max(needed, 2 * length, 1024)))
  if (room !== held) held.copy(room, 0, 0, length)
  chunk.copy(room, length)
  return room
}

/** Node ends an HTTP/2 request that was reset as if its body were complete, and says that it was not in the same turn, but later. */
function isHttp2(stream: Readable & { readonly httpVersionMajor?: number }): boolean {
  return stream.httpVersionMajor === 2
}

function wasAborted(stream: Readable & { readonly aborted?: boolean; readonly complete?: boolean }): boolean {
  return stream.aborted === true || stream.readableAborted || stream.errored !== null
}

/** Lets the rest flow into nothing: an answer sent over unread bytes would be lost in a reset of the connection. */
function discard(stream: Readable): void {
  stream.on('error', ignore)
  stream.resume()
}

function ignore(): void {}
