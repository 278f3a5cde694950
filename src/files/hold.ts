/** Writes one part of an upload into a file that nobody sees yet, and refuses it at the first byte too many or wrong. */
import { createHash } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { sanitiseFileName } from '../http/content-disposition.ts'
import { HEAD_LENGTH, kindOf, type FileType } from './kinds.ts'
import type { HeldFile, Limit } from './upload-options.ts'

export interface Part {
  readonly field: string
  /** What the sender says. */
  readonly type: string
  readonly name: string
}

export interface Held extends HeldFile {
  /** Of its content, in hex. */
  readonly sha256: string
}

export type HoldResult =
  | { readonly ok: true; readonly file: Held }
  /** A field of a form for which no file was chosen. */
  | { readonly ok: true; readonly file: undefined }
  | { readonly ok: false; readonly reason: 'too-large' | 'type' | 'incomplete' }

/** `name`: of the file in `folder`, unguessable. After a refusal, and after a throw, there is no file. */
export async function hold(stream: Readable, part: Part, limit: Limit, folder: string, name: string): Promise<HoldResult> {
  const path = join(folder, name)
  const handle = await open(path, 'wx', 0o600)
  const hash = createHash('sha256')
  let head: Buffer = Buffer.alloc(0)
  let size = 0

  async function write(): Promise<HoldResult> {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      if (size + chunk.length > limit.maxSize) return { ok: false, reason: 'too-large' }
      if (head.length < HEAD_LENGTH) {
        head = Buffer.concat([head, chunk.subarray(0, HEAD_LENGTH - head.length)])
        // As soon as enough is there: the rest of a wrong file is not written.
        if (head.length === HEAD_LENGTH && !isTaken(part, limit, head)) return { ok: false, reason: 'type' }
      }
      hash.update(chunk)
      await handle.write(chunk)
      size += chunk.length
    }
    if (size === 0 && part.name === '') return { ok: true, file: undefined }
    if (!isTaken(part, limit, head)) return { ok: false, reason: 'type' }
    const { field } = part
    const type = part.type as FileType
    return { ok: true, file: { field, type, path, size, name: sanitiseFileName(part.name), sha256: hash.digest('hex') } }
  }

  let kept = false
  try {
    const result = await write()
    kept = result.ok && result.file !== undefined
    return result
  } catch (error) {
    // The request broke off: that is no fault of ours. A full disk is.
    if (stream.errored === null && !stream.destroyed) throw error
    return { ok: false, reason: 'incomplete' }
  } finally {
    await handle.close()
    if (!kept) await rm(path, { force: true })
  }
}

function isTaken({ type }: Part, { types }: Limit, head: Buffer): boolean {
  return types.has(type) && kindOf(type)?.matches(head) === true
}
