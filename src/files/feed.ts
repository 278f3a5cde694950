/**
 * Leads the bytes of a request through the parser of multipart bodies, in bounds: of bytes, of time, of silence.
 * Stops bodies without an end, text before the first part, clients that send a byte a minute (attacks A81, A207).
 * Sources: RFC 7578, RFC 2046 §5.1.1; CWE-400.
 */
import type { Readable, Writable } from 'node:stream'

export type FeedReason = 'too-large' | 'malformed' | 'incomplete' | 'timeout'

export interface FeedBounds {
  /** What the body must begin with. RFC 2046 lets text stand before it, which nobody sends and no limit of a parser counts. */
  readonly opening: string
  readonly maxBody: number
  /** Milliseconds. */
  readonly timeout: number
  readonly idle: number
}

export interface Feed {
  /** `undefined` when the parser took all of it to the last boundary. Never rejects. */
  readonly done: Promise<FeedReason | undefined>
  /** Takes no more bytes. */
  stop(): void
}

/** What still comes after the end of it is thrown away, so that the answer can be sent. */
export function feed(stream: Readable, parser: Writable, { opening, maxBody, timeout, idle }: FeedBounds): Feed {
  const { promise, resolve } = Promise.withResolvers<FeedReason | undefined>()
  let total = 0
  let settled = false
  let start: Buffer | undefined = Buffer.alloc(0)

  const whole = setTimeout(() => finish('timeout'), timeout)
  // While we wait for the disk, the client may not speak.
  const silence: NodeJS.Timeout = setTimeout(() => (stream.isPaused() ? silence.refresh() : finish('timeout')), idle)

  function onData(chunk: Buffer): void {
    total += chunk.length
    if (total > maxBody) return finish('too-large')
    silence.refresh()
    if (start !== undefined) {
      start = Buffer.concat([start, chunk])
      const expected = opening.slice(0, start.length)
      if (start.toString('latin1', 0, opening.length) !== expected) return finish('malformed')
      if (start.length < opening.length) return
      chunk = start
      start = undefined
    }
    if (!parser.write(chunk)) stream.pause()
  }

  function onDrain(): void {
    if (settled) return
    silence.refresh()
    stream.resume()
  }

  function onEnd(): void {
    clearTimeout(silence)
    if (start !== undefined) return finish('incomplete')
    parser.end()
  }

  function onGone(error?: Error & { readonly statusCode?: number }): void {
    if (error?.statusCode === 413) return finish('too-large')
    if (!stream.readableEnded) finish('incomplete')
  }

  function finish(reason: FeedReason | undefined): void {
    if (settled) return
    settled = true
    clearTimeout(whole)
    clearTimeout(silence)
    stream.off('data', onData)
    if (!stream.destroyed) stream.resume()
    resolve(reason)
  }

  parser.on('drain', onDrain)
  parser.on('finish', () => finish(undefined))
  // The parser fails on a body that ends too early, and on one it cannot read; it goes on failing after we have gone.
  parser.on('error', () => finish(stream.readableEnded ? 'incomplete' : 'malformed'))
  stream.on('error', onGone)
  stream.on('close', onGone)
  stream.on('end', onEnd)
  if (stream.destroyed) onGone(stream.errored ?? undefined)
  else stream.on('data', onData)
  return { done: promise, stop: () => finish('malformed') }
}
