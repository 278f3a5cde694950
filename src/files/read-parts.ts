/** Reads the parts of one upload into files that nobody sees yet and fields, in bounds; after a refusal nothing of it is left. */
import { rm } from 'node:fs/promises'
import type { BusboyFileStream } from '@fastify/busboy'
import { findCarried } from '../engine/carrier.ts'
import { FormToken } from '../engine/facts.ts'
import { feed, type FeedReason } from './feed.ts'
import { readField, type FieldResult } from './fields.ts'
import { hold, type Held, type HoldResult } from './hold.ts'
import { readMultipart } from './multipart-type.ts'
import { incoming } from './place.ts'
import { PART_HEAD, type UploadPlan } from './upload-options.ts'

export type UploadReason =
  | FeedReason
  | ('not-multipart' | 'too-many' | 'unknown-field' | 'repeated-field' | 'type' | 'bomb' | 'archive' | 'scan' | 'content')

export interface Parts {
  readonly refused?: { readonly reason: UploadReason; readonly field?: string | undefined } | undefined
  readonly held: readonly Held[]
  /** In the order in which they came; of a refused body what came before it was refused. */
  readonly fields: ReadonlyMap<string, readonly string[]>
}

/** Says whether the text of a field is taken; `cut`: the parser kept only the beginning. */
export type ReadField = (text: string, maxLength: number, cut: boolean) => FieldResult

export interface Tools {
  readonly Busboy: typeof import('@fastify/busboy').Busboy
  readonly random: (bytes: number) => string
  readonly field?: ReadField | undefined
}

/** Of the names of files: unguessable. */
export const NAME_BYTES = 24

/** The whole body. After a refusal nothing of it is left. */
export async function readParts(
  request: object,
  plan: UploadPlan,
  { Busboy, random, field: read = readField }: Tools,
): Promise<Parts> {
  const stream = incoming(request)
  const media = readMultipart(stream.headers)
  const fields = new Map<string, string[]>()
  const early = media === undefined ? 'not-multipart' : media.length > plan.maxBody ? 'too-large' : undefined
  if (media === undefined || early !== undefined) {
    stream.resume()
    return { refused: { reason: early! }, held: [], fields }
  }
  const token = findCarried(request)?.x.get(FormToken)?.field
  const counts = new Map<string, number>()
  const open = new Set<BusboyFileStream>()
  const jobs: Promise<HoldResult>[] = []
  let refused: Parts['refused']

  const parser = new Busboy({
    headers: { 'content-type': media.contentType },
    isPartAFile: (name) => name !== undefined && plan.files.has(name),
    limits: { parts: plan.parts, headerSize: PART_HEAD, headerPairs: 16, fieldSize: 4 * Math.max(64, plan.texts.longest) },
  })
  const bytes = feed(stream, parser, { opening: media.opening, ...plan })

  function stop(reason: UploadReason, field?: string): void {
    refused ??= { reason, field }
    bytes.stop()
  }

  parser.on('partsLimit', () => stop('too-many'))
  parser.on('field', (name: string | undefined, value, _nameCut, cut) => {
    if (refused || (name !== undefined && name === token)) return
    const rule = name === undefined ? undefined : plan.texts.ruleOf(name)
    if (name === undefined || rule === undefined) return stop('unknown-field')
    const before = fields.get(name) ?? []
    if (before.length >= (rule.max ?? 1)) return stop('repeated-field', name)
    const field = read(value, rule.maxLength, cut)
    if (field.ok) fields.set(name, [...before, field.value])
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
  return { refused, held: [], fields }
}
