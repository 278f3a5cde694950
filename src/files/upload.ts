/**
 * Takes files from a form: typed, bounded, streamed to a folder that no web server hands out, under names of our own.
 * Stops pages and programs that are uploaded as pictures, names that lead elsewhere, floods of parts, bombs, slow bodies, and files
 * that refused or broken-off uploads leave behind (attacks A81, A101, A206–A208).
 * Sources: RFC 7578; OWASP File Upload Cheat Sheet, ASVS 5.0 V5; CWE-434.
 */
import { rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { randomToken } from '../crypto/random.ts'
import { findCarried } from '../engine/carrier.ts'
import { accept } from './accept-file.ts'
import { kindOf, type FileType } from './kinds.ts'
import { NAME_BYTES, readParts, type ReadField, type UploadReason } from './read-parts.ts'
import { readUpload, type TextRules, type UploadOptions } from './upload-options.ts'

export type { UploadReason } from './read-parts.ts'

/** A file that was taken. */
export interface StoredFile {
  /** Its name in the folder: random, with the ending of its type. Keep this; `download` takes it. */
  readonly file: string
  readonly path: string
  /** What the sender called it: cleaned, for people only. */
  readonly name: string
  readonly type: FileType
  /** Bytes. */
  readonly size: number
  /** Of the content as it was sent, in hex. */
  readonly sha256: string
}

export interface UploadRefusal {
  readonly ok: false
  readonly reason: UploadReason
  /** What to answer with. */
  readonly status: number
  /** Which of the fields that were named, when it was one of them. */
  readonly field: string | undefined
  /** The fields that came before it was refused: for the form that is shown again. */
  readonly typed: Readonly<Record<string, readonly string[]>>
}

export interface UploadTaken<Files extends string, Fields extends string> {
  readonly ok: true
  /** In the order in which they came; empty when none was chosen. */
  readonly files: Readonly<Record<Files, readonly StoredFile[]>>
  readonly fields: Readonly<Partial<Record<Fields, string>>>
  /** The same with all that came under each name, for fields that may come more than once. */
  readonly lists: Readonly<Partial<Record<Fields, readonly string[]>>>
  /** Takes the files away again: for when what should point to them could not be written. */
  remove(): Promise<void>
}

export interface Uploader<Files extends string, Fields extends string> {
  /** Bytes: the `bodyLimit` of its route. */
  readonly maxBody: number
  /** Reads the body of a request of any of the frameworks. A refusal leaves nothing behind. Rejects for faults: a full disk, a hook that threw. */
  receive(request: object): Promise<UploadTaken<Files, Fields> | UploadRefusal>
}

/** What is given in place of the process's own. */
export interface UploadSetting {
  /** @default Date.now */
  readonly now?: () => number
  /** Makes names. @default 192 random bits */
  readonly random?: (bytes: number) => string
  /** Looks at the text of a field. @default one form (NFC), no control characters, no bidi overrides, at most `maxLength` */
  readonly field?: ReadField
  /** Which fields may come, where a list of their names would be too long. @default those of the options */
  readonly texts?: TextRules
}

/** What to answer with. */
export const UPLOAD_STATUS: Readonly<Record<UploadReason, number>> = {
  ...{ 'not-multipart': 415, malformed: 400, incomplete: 400, timeout: 408, 'too-large': 413, 'too-many': 413 },
  ...{ 'unknown-field': 400, 'repeated-field': 400, type: 415, bomb: 413, archive: 415, scan: 422, content: 422 },
}

/**
 * Made once, at start-up. Throws for a file without types or size, and for a folder inside of the web root.
 *
 * @example
 * const avatars = upload({ dir: 'data/avatars', webRoot: 'public', files: { avatar: { types: ['image/png'], maxSize: '2 MiB' } } })
 * const sent = await avatars.receive(request)
 */
export function upload<Files extends string, Fields extends string = never>(
  options: UploadOptions<Files, Fields>,
  { now = Date.now, random = randomToken, field, texts }: UploadSetting = {},
): Uploader<Files, Fields> {
  const plan = readUpload(options, now(), texts)
  const hooks = { scan: options.scan, reencode: options.reencode, timeout: plan.hookTimeout }

  async function receive(request: object): Promise<UploadTaken<Files, Fields> | UploadRefusal> {
    // Loaded when the first file comes: 6 MiB.
    const { Busboy } = await import('@fastify/busboy')
    const body = await readParts(request, plan, { Busboy, random, field })
    const moved: StoredFile[] = []
    const remove = async () => void (await Promise.all(moved.map(({ path }) => rm(path, { force: true }))))
    try {
      const typed = Object.fromEntries(body.fields)
      if (body.refused) return refuse(request, body.refused.reason, body.refused.field, typed)
      for (const file of body.held) {
        const limit = plan.files.get(file.field)!
        const reason = await accept(file, limit, join(plan.held, random(NAME_BYTES)), hooks)
        if (reason !== undefined) return refuse(request, reason, file.field, typed)
      }
      const files = Object.fromEntries([...plan.files.keys()].map((name) => [name, [] as StoredFile[]]))
      for (const { field, path: heldAt, name, type, sha256 } of body.held) {
        const file = random(NAME_BYTES).replace(/^[-_]/, '0') + kindOf(type)!.ending
        const path = join(plan.dir, file)
        const { size } = await stat(heldAt)
        await rename(heldAt, path)
        const stored = { file, path, name, type, size, sha256 }
        moved.push(stored)
        files[field]!.push(stored)
      }
      const lists = typed as Partial<Record<Fields, readonly string[]>>
      const fields = Object.fromEntries([...body.fields].map(([name, [first]]) => [name, first])) as Partial<
        Record<Fields, string>
      >
      return { ok: true, files: files as unknown as Record<Files, StoredFile[]>, fields, lists, remove }
    } catch (error) {
      await remove()
      throw error
    } finally {
      await Promise.all(body.held.map(({ path }) => rm(path, { force: true })))
    }
  }

  return { maxBody: plan.maxBody, receive }
}

/** Says it on the bus: what was wrong, never what was sent. */
function refuse(request: object, reason: UploadReason, field: string | undefined, typed: UploadRefusal['typed']): UploadRefusal {
  const carried = findCarried(request)
  const status = UPLOAD_STATUS[reason]
  carried?.guard.emit({ type: 'input_validation_fail', data: { reason: `upload-${reason}`, status, field } }, carried.x)
  return { ok: false, reason, status, field, typed }
}
