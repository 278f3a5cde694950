/**
 * Takes files from a form: typed, bounded, streamed to a folder that no web server hands out, under names of our own.
 * Stops pages and programs that are uploaded as pictures, names that lead elsewhere, floods of parts, bombs, slow bodies, and files
 * that refused or broken-off uploads leave behind (attacks A81, A101, A206–A208).
 * Sources: RFC 7578; OWASP File Upload Cheat Sheet, ASVS 5.0 V5; CWE-434.
 */
import { rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { BusboyFileStream } from '@fastify/busboy'
import { randomToken } from '../crypto/random.ts'
import { findCarried } from '../engine/carrier.ts'
import { FormToken } from '../engine/facts.ts'
import { accept } from './accept-file.ts'
import { feed, type FeedReason } from './feed.ts'
import { readField } from './fields.ts'
import { hold, type Held, type HoldResult } from './hold.ts'
import { kindOf, type FileType } from './kinds.ts'
import { readMultipart } from './multipart-type.ts'
import { incoming } from './place.ts'
import { PART_HEAD, readUpload, type UploadOptions, type UploadPlan } from './upload-options.ts'

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

export type UploadReason =
  | FeedReason
  | ('not-multipart' | 'too-many' | 'unknown-field' | 'repeated-field' | 'type' | 'bomb' | 'archive' | 'scan' | 'content')

export interface UploadRefusal {
  readonly ok: false
  readonly reason: UploadReason
  /** What to answer with. */
  readonly status: number
  /** Which of the fields that were named, when it was one of them. */
  readonly field: string | undefined
}

export interface UploadTaken<Files extends string, Fields extends string> {
  readonly ok: true
  /** In the order in which they came; empty when none was chosen. */
  readonly files: Readonly<Record<Files, readonly StoredFile[]>>
  readonly fields: Readonly<Partial<Record<Fields, string>>>
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
}

const STATUS: Readonly<Record<UploadReason, number>> = {
  ...{ 'not-multipart': 415, malformed: 400, incomplete: 400, timeout: 408, 'too-large': 413, 'too-many': 413 },
  ...{ 'unknown-field': 400, 'repeated-field': 400, type: 415, bomb: 413, archive: 415, scan: 422, content: 422 },
}
const NAME_BYTES = 24

/**
 * Made once, at start-up. Throws for a file without types or size, and for a folder inside of the web root.
 *
 * @example
 * const avatars = upload({ dir: 'data/avatars', webRoot: 'public', files: { avatar: { types: ['image/png'], maxSize: '2 MiB' } } })
 * const sent = await avatars.receive(request)
 */
export function upload<Files extends string, Fields extends string = never>(
  options: UploadOptions<Files, Fields>,
  { now = Date.now, random = randomToken }: UploadSetting = {},
): Uploader<Files, Fields> {
  const plan = readUpload(options, now())
  const hooks = { scan: options.scan, reencode: options.reencode }
  // Loaded by those who take files, before the first one comes; who only serves them saves 6 MiB.
  const library = import('@fastify/busboy')

  async function receive(request: object): Promise<UploadTaken<Files, Fields> | UploadRefusal> {
    const { Busboy } = await library
    const body = await read(request, plan, { Busboy, random })
    const moved: StoredFile[] = []
    const remove = async () => void (await Promise.all(moved.map(({ path }) => rm(path, { force: true }))))
    try {
      if (body.refused) return refuse(request, body.refused.reason, body.refused.field)
      for (const file of body.held) {
        const limit = plan.files.get(file.field)!
        const reason = await accept(file, limit, join(plan.held, random(NAME_BYTES)), hooks)
        if (reason !== undefined) return refuse(request, reason, file.field)
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
      const fields = Object.fromEntries(body.fields) as Partial<Record<Fields, string>>
      return { ok: true, files: files as unknown as Record<Files, StoredFile[]>, fields, remove }
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
function refuse(request: object, reason: UploadReason, field: string | undefined): UploadRefusal {
  const carried = findCarried(request)
  const status = STATUS[reason]
  carried?.guard.emit({ type: 'input_validation_fail', data: { reason: `upload-${reason}`, status, field } }, carried.x)
  return { ok: false, reason, status, field }
}

interface Read {
  readonly refused?: { readonly reason: UploadReason; readonly field?: string | undefined } | undefined
  readonly held: readonly Held[]
  readonly fields: ReadonlyMap<string, string>
}

interface Tools {
  readonly Busboy: typeof import('@fastify/busboy').Busboy
  readonly random: (bytes: number) => string
}

/** The whole body. After a refusal nothing of it is left. */
async function read(request: object, plan: UploadPlan, { Busboy, random }: Tools): Promise<Read> {
  const stream = incoming(request)
  const media = readMultipart(stream.headers)
  const nothing = { held: [], fields: new Map<string, string>() }
  const early = media === undefined ? 'not-multipart' : media.length > plan.maxBody ? 'too-large' : undefined
  if (media === undefined || early !== undefined) {
    stream.resume()
    return { refused: { reason: early! }, ...nothing }
  }
  const token = findCarried(request)?.x.get(FormToken)?.field
  const fields = new Map<string, string>()
  const counts = new Map<string, number>()
  const open = new Set<BusboyFileStream>()
  const jobs: Promise<HoldResult>[] = []
  let refused: Read['refused']

  const parser = new Busboy({
    headers: { 'content-type': media.contentType },
    isPartAFile: (name) => name !== undefined && plan.files.has(name),
    limits: { parts: plan.parts, headerSize: PART_HEAD, headerPairs: 16, fieldSize: 4 * Math.max(64, ...plan.fields.values()) },
  })
  const bytes = feed(stream, parser, { opening: media.opening, ...plan })

  function stop(reason: UploadReason, field?: string): void {
    refused ??= { reason, field }
    bytes.stop()
  }

  parser.on('partsLimit', () => stop('too-many'))
  parser.on('field', (name: string | undefined, value, _nameCut, cut) => {
    if (refused || (name !== undefined && name === token)) return
    const most = name === undefined ? undefined : plan.fields.get(name)
    if (name === undefined || most === undefined) return stop('unknown-field')
    if (fields.has(name)) return stop('repeated-field', name)
    const field = readField(value, most, cut)
    if (field.ok) fields.set(name, field.value)
    else stop(field.reason, name)
  })
  parser.on('file', (field, file, name: string | undefined, _encoding, type) => {
    // The parser lets a part that breaks off fail even when nobody reads it any more; unheard, that would end the process.
    file.on('error', () => {})
    open.add(file)
    const limit = plan.files.get(field)!
    const count = (counts.get(field) ?? 0) + 1
    counts.set(field, count)
    if (count > limit.max) stop('too-many', field)
    if (refused) {
      file.destroy()
      return
    }
    const job = hold(file, { field, type, name: name ?? '' }, limit, plan.held, `${random(NAME_BYTES)}.part`)
    jobs.push(job)
    job.then(
      (result) => void (result.ok || stop(result.reason, field)),
      () => stop('incomplete', field),
    )
  })

  const broken = await bytes.done
  if (broken !== undefined) {
    refused ??= { reason: broken }
    for (const file of open) file.destroy()
  }
  const settled = await Promise.allSettled(jobs)
  const held = settled.flatMap((job) => (job.status === 'fulfilled' && job.value.ok && job.value.file ? [job.value.file] : []))
  const fault = settled.find((job) => job.status === 'rejected')
  if (refused === undefined && fault === undefined) return { held, fields }
  await Promise.all(held.map(({ path }) => rm(path, { force: true })))
  if (fault) throw fault.reason
  return { refused, ...nothing }
}
