/**
 * Bounds a body that the handler reads itself, without touching how it reads: chunks are counted where Node hands them to the
 * stream. A declared length is not believed; an unbounded upload in chunks (attack A69) ends here.
 * Sources: RFC 9110 §15.5.14 (413); CWE-400, CWE-770.
 */
import type { Readable } from 'node:stream'

/** What the handler's reading fails with. Express and Fastify know `status` and `statusCode`. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge'
  readonly code = 'HF_BODY_TOO_LARGE'
  readonly status = 413
  readonly statusCode = 413

  constructor(limit: number) {
    super(`The body is larger than ${limit} bytes.`)
  }
}

interface Hooked {
  push: Readable['push']
  _destroy: Readable['_destroy']
}

/**
 * From now on reading `stream` fails with `BodyTooLarge` at the first byte over `limit`; `onExcess` is called once, before.
 * The socket stays open, so that the refusal can be sent; what still comes is thrown away. Works by shadowing two methods of this
 * one stream: a listener or a transform between would start the flow or lose `pause()` for the handler.
 */
export function countStream(stream: Readable, limit: number, onExcess: () => void): void {
  const hooked = stream as Hooked
  const push = hooked.push.bind(stream)
  const destroy = hooked._destroy.bind(stream)
  let total = 0
  let excess: BodyTooLarge | undefined

  hooked.push = (chunk: Buffer | null, encoding?: BufferEncoding) => {
    if (excess !== undefined) return true
    if (chunk === null) return push(null)
    total += chunk.length
    if (total <= limit) return push(chunk, encoding)
    excess = new BodyTooLarge(limit)
    onExcess()
    stream.destroy(excess)
    return true
  }

  // Node's own `_destroy` of a request takes the socket with it, and the answer on it. Like Node's, this one stays silent while
  // nobody listens: an unheard 'error' would end the process. Who reads later fails with the same error.
  hooked._destroy = (error, done) => {
    if (error === null || error !== excess) return destroy(error, done)
    process.nextTick(() => done(stream.listenerCount('error') === 0 ? null : error))
  }
}
