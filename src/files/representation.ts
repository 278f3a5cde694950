/**
 * A file as an answer: whole, a part of it, or the word that the client has it already.
 * Sources: RFC 9110 §13.1.2 (If-None-Match), §13.1.5 (If-Range), §14 (ranges), §15.3.7, §15.4.5, §15.5.17.
 */
import type { FileHandle } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { readRange } from '../http/range.ts'
import type { FileAnswer } from './place.ts'

export interface OpenFile {
  readonly handle: FileHandle
  /** Bytes. */
  readonly size: number
  /** Strong, quoted; without one there is nothing to compare. */
  readonly etag?: string | undefined
}

const LONGEST_LIST = 4096

/** Takes `handle` over: it is closed with the stream, or at once when nothing of it is sent. */
export async function represent(
  request: IncomingMessage,
  { handle, size, etag }: OpenFile,
  head: Readonly<Record<string, string>>,
): Promise<FileAnswer> {
  const fields = { ...head, 'accept-ranges': 'bytes', ...(etag !== undefined && { etag }) }
  if (etag !== undefined && names(request.headers['if-none-match'], etag)) {
    await handle.close()
    const { 'content-type': _type, ...rest } = fields as Record<string, string>
    return { status: 304, head: rest }
  }
  const unchanged = request.headers['if-range'] === undefined || request.headers['if-range'] === etag
  const range = request.method === 'GET' && unchanged ? readRange(request.headers.range, size) : 'whole'
  if (range === 'unsatisfiable') {
    await handle.close()
    return { status: 416, head: { ...fields, 'content-range': `bytes */${size}`, 'content-length': '0' } }
  }
  if (range !== 'whole') {
    const { start, end } = range
    const part = { 'content-range': `bytes ${start}-${end}/${size}`, 'content-length': String(end - start + 1) }
    return { status: 206, head: { ...fields, ...part }, body: exactly(handle, start, end) }
  }
  const length = { 'content-length': String(size) }
  if (size === 0 || request.method === 'HEAD') {
    await handle.close()
    return { status: 200, head: { ...fields, ...length } }
  }
  return { status: 200, head: { ...fields, ...length }, body: exactly(handle, 0, size - 1) }
}

const PIECE = 65_536

/**
 * Both ends are of bytes that are sent. As many as were announced, or an error: a file that grows meanwhile is cut, and one that became
 * shorter ends the connection. Else the client would take the next answer for the rest of this one (CWE-444).
 */
function exactly(handle: FileHandle, start: number, end: number): Readable {
  let position = start
  return new Readable({
    highWaterMark: PIECE,
    read() {
      const length = Math.min(PIECE, end - position + 1)
      handle.read(Buffer.allocUnsafe(length), 0, length, position).then(
        ({ bytesRead, buffer }) => {
          if (bytesRead === 0) return this.destroy(new Error('The file became shorter while it was sent.'))
          position += bytesRead
          this.push(buffer.subarray(0, bytesRead))
          if (position > end) this.push(null)
          return undefined
        },
        (error: Error) => this.destroy(error),
      )
    },
    destroy: (why, done) => void closed(handle).then((failed) => done(why ?? failed)),
  })
}

async function closed(handle: FileHandle): Promise<Error | null> {
  try {
    await handle.close()
    return null
  } catch (error) {
    return error as Error
  }
}

/** Weak comparison (RFC 9110 §8.8.3.2), as If-None-Match asks for. */
function names(list: string | undefined, etag: string): boolean {
  if (list === undefined || list.length > LONGEST_LIST) return false
  if (list.trim() === '*') return true
  return list.split(',').some((one) => one.trim().replace(/^W\//, '') === etag)
}
