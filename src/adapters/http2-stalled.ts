/**
 * Ends answers of HTTP/2 that nobody takes: a client opens a hundred streams, gives them no window, and keeps the connection alive with a
 * PING now and then, so that all of what they were answered lies here for ever (akin to CVE-2019-9511; CWE-770). In HTTP/1.1 there
 * is one answer to a connection, and `SERVER_LIMITS.timeout` ends it.
 * Sources: RFC 9113 sections 5.2 and 10.5; CERT/CC VU#605641. A least rate of answers: Kestrel's MinResponseDataRate.
 */
import { constants, type ServerHttp2Stream } from 'node:http2'
import type { Http2Limits } from './http2-watch.ts'

export interface Stalled {
  /** Looks after it from now on, until it closes. */
  add(stream: ServerHttp2Stream): void
  /** Ends those of this connection that were not taken in their time; says how many. */
  end(now: number): number
}

/** What waits of one answer, and since when that much. */
interface Waiting {
  bytes: number
  since: number
}

/** How often is looked, at most: a part of the time that an answer has. */
export function lookEvery({ answerTimeout }: Pick<Http2Limits, 'answerTimeout'>): number {
  return Math.max(10, Math.min(10_000, answerTimeout / 4))
}

/** The answers of one connection. */
export function stalledAnswers({ answerTimeout, answerRate }: Pick<Http2Limits, 'answerTimeout' | 'answerRate'>): Stalled {
  const streams = new Map<ServerHttp2Stream, Waiting>()

  /** Each part that went out whole gives the rest its time again. How far one is, Node does not say: so it has the time of its length. */
  function isLate(stream: ServerHttp2Stream, waiting: Waiting, now: number): boolean {
    const bytes = stream.writableLength
    if (bytes === 0 || bytes !== waiting.bytes) Object.assign(waiting, { bytes, since: now })
    return bytes > 0 && now - waiting.since > answerTimeout + (bytes / answerRate) * 1000
  }

  return {
    add(stream) {
      streams.set(stream, { bytes: 0, since: 0 })
      stream.on('close', () => streams.delete(stream))
    },
    end(now) {
      let ended = 0
      for (const [stream, waiting] of streams) {
        if (!isLate(stream, waiting, now)) continue
        ended++
        stream.close(constants.NGHTTP2_CANCEL)
      }
      return ended
    },
  }
}
