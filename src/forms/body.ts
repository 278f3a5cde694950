/** Finds what was sent to a form, whichever way: a form, a form with files, or JSON. The body control has bounded and parsed it before. */
import type { Carried } from '../engine/carrier.ts'
import { Body } from '../engine/facts.ts'
import { invalid, refuseUnknown } from '../engine/options.ts'
import { upload, UPLOAD_STATUS, type StoredFile, type Uploader, type UploadRefusal } from '../files/upload.ts'
import { readMultipart } from '../files/multipart-type.ts'
import { incoming } from '../files/place.ts'
import { readParts, type ReadField, type UploadReason } from '../files/read-parts.ts'
import { bodyBounds, type FieldRule, type TextRules, type UploadOptions, type UploadPlan } from '../files/upload-options.ts'
import { randomToken } from '../crypto/random.ts'
import { isGroup, type Field, type FieldRead, type Fields } from './field.ts'
import { isFileField, type FileField } from './fields/index.ts'
import type { FormCode } from './messages.ts'
import type { Source } from './sent.ts'
import { leafAt, leavesOf } from './tree.ts'

/** Where the files of a form are kept: `upload` has the words for it. */
export type FilesOptions = Pick<
  UploadOptions<string, string>,
  'dir' | 'webRoot' | 'scan' | 'reencode' | 'hookTimeout' | 'timeout' | 'idle' | 'insecureSvg'
>

export type SentBody =
  | {
      readonly ok: true
      readonly source: Source
      readonly given?: ReadonlyMap<string, FieldRead>
      readonly remove?: () => Promise<void>
    }
  | BodyRefused

export interface BodyRefused {
  readonly ok: false
  readonly status: number
  readonly code: FormCode
  /** Name of the field; `''` for the whole. */
  readonly field: string
  readonly limit?: string | number | undefined
  readonly source?: Source | undefined
  /** Whether it stands in the log already. */
  readonly told: boolean
}

export interface BodyReader {
  /** Bytes of a form with files: the `bodyLimit` of its route. */
  readonly maxBody: number
  read(request: object, carried: Carried): Promise<SentBody>
}

const FORM = 'application/x-www-form-urlencoded'
/** What the kit itself hides in a form: tokens, sealed values and steps. */
const HIDDEN_LENGTH = 60_000
const SEALED_MORE = 200
/** Of rows in rows there could be millions; of a JSON body as many members are read. */
const MOST_TEXTS = 1000
const OPTIONS = ['dir', 'webRoot', 'scan', 'reencode', 'hookTimeout', 'timeout', 'idle', 'insecureSvg']

/** A text is judged with its field, later: only what the parser had to cut is refused here. */
const later: ReadField = (text, _most, cut) => (cut ? { ok: false, reason: 'too-large' } : { ok: true, value: text })

/** Made once, at start-up. Throws for a field of a file without a folder. */
export function bodyReader(form: string, fields: Fields, kept: FilesOptions | undefined, own: readonly string[]): BodyReader {
  const fileFields = Object.entries(fields).filter(
    (entry): entry is [string, FileField<unknown>] => !isGroup(entry[1]) && isFileField(entry[1]),
  )
  const texts = textRules(fields, own)
  if (kept !== undefined) refuseUnknown(`form.${form}.files`, kept, OPTIONS)
  if (fileFields.length > 0 && kept === undefined)
    invalid(`form.${form}.files`, kept, `Say where files are kept: { dir: 'data/files', webRoot: 'public' }.`)
  if (fileFields.length === 0 && kept !== undefined)
    invalid(`form.${form}.files`, kept, 'Leave it out: the form has no field of a file.')
  const files = Object.fromEntries(fileFields.map(([name, { rule }]) => [name, rule]))
  const uploader = kept && upload({ ...kept, files }, { field: later, texts })
  const plan: UploadPlan = {
    files: new Map(),
    texts,
    dir: '',
    held: '',
    ...bodyBounds([], texts),
    timeout: 30_000,
    idle: 15_000,
    hookTimeout: 0,
  }

  async function read(request: object, { x }: Carried): Promise<SentBody> {
    const body = x.get(Body)
    if (body?.type === FORM) return ofTexts(body.value as Record<string, string | readonly string[]>)
    if (body !== undefined) return { ok: true, source: { as: 'json', value: body.value } }
    const { headers } = incoming(request)
    if (headers['content-type'] === undefined) return ofTexts({})
    if (readMultipart(headers) === undefined) return refused(415, 'content-type')
    return uploader ? take(uploader, fileFields, request) : parts(plan, request)
  }

  return { maxBody: uploader?.maxBody ?? plan.maxBody, read }
}

function ofTexts(fields: Readonly<Record<string, string | readonly string[]>>): SentBody {
  return { ok: true, source: { as: 'texts', fields } }
}

function refused(status: number, code: FormCode): BodyRefused {
  return { ok: false, status, code, field: '', told: false }
}

async function take(
  uploader: Uploader<string, string>,
  fields: readonly (readonly [string, FileField<unknown>])[],
  request: object,
): Promise<SentBody> {
  const sent = await uploader.receive(request)
  if (!sent.ok) return { ...explain(sent.reason, sent, fields), source: { as: 'texts', fields: sent.typed } }
  const given = new Map(fields.map(([name, field]) => [name, readFiles(field, sent.files[name] ?? [])] as const))
  return {
    ok: true,
    source: { as: 'texts', fields: sent.lists as Record<string, readonly string[]> },
    given,
    remove: () => sent.remove(),
  }
}

function readFiles(field: FileField<unknown>, stored: readonly StoredFile[]): FieldRead {
  if (stored.length === 0) return field.fromTexts([])
  return { ok: true, value: field.kind === 'file' ? stored[0] : stored }
}

/** A form of texts that was sent in parts, as scripts do with `FormData`. */
async function parts(plan: UploadPlan, request: object): Promise<SentBody> {
  const { Busboy } = await import('@fastify/busboy')
  const { refused: refusal, fields } = await readParts(request, plan, { Busboy, random: randomToken, field: later })
  const source: Source = { as: 'texts', fields: Object.fromEntries(fields) }
  if (refusal === undefined) return { ok: true, source }
  return { ...explain(refusal.reason, { field: refusal.field, status: UPLOAD_STATUS[refusal.reason] }, []), source, told: false }
}

/** What people are told about what the parser of parts refused. */
function explain(
  reason: UploadReason,
  { field = '', status }: Pick<UploadRefusal, 'field' | 'status'>,
  fields: readonly (readonly [string, FileField<unknown>])[],
): BodyRefused {
  const rule = fields.find(([name]) => name === field)?.[1].rule
  // What is wrong with one file is wrong with a field, as everything else that can be mended in the page.
  const at = (code: FormCode, limit?: string | number): BodyRefused => {
    return { ok: false, status: rule === undefined ? status : 422, code, field, limit, told: true }
  }
  if (reason === 'unknown-field') return at('unknown-fields')
  if (reason === 'repeated-field') return at('repeated')
  if (reason === 'not-multipart') return at('content-type')
  if (rule === undefined) return at(field === '' ? 'body' : 'too-long')
  if (reason === 'too-large') return at('file-size', String(rule.maxSize))
  if (reason === 'too-many') return at('too-many', rule.max ?? 1)
  if (reason === 'type') return at('file-type')
  return at(reason === 'incomplete' || reason === 'timeout' ? 'file' : 'file-refused')
}

/** One more than may come: two where one is meant is for the form to refuse, beside what was typed. */
function ruleOf({ longest, most = 1, kind }: Field): Required<FieldRule> {
  return { maxLength: kind === 'sealed' ? 4 * longest + SEALED_MORE : Math.max(1, longest), max: most + 1 }
}

function textRules(fields: Fields, own: readonly string[]): TextRules {
  const all = leavesOf(fields)
    .filter(({ field }) => !isFileField(field))
    .map(({ field, count }) => ({ ...ruleOf(field), count }))
  const hidden = { maxLength: HIDDEN_LENGTH, max: 1 }
  const longest = Math.max(HIDDEN_LENGTH, ...all.map(({ maxLength }) => maxLength))
  const count = all.reduce((sum, { max, count }) => sum + max * count, 0)
  const characters = all.reduce((sum, { maxLength, max, count }) => sum + maxLength * max * count, 0)
  return {
    ruleOf(name) {
      if (own.includes(name)) return hidden
      const field = leafAt(fields, name)
      return field === undefined || isFileField(field) ? undefined : ruleOf(field)
    },
    longest,
    count: own.length + Math.min(MOST_TEXTS, count),
    characters:
      own.length * HIDDEN_LENGTH + Math.min(characters, MOST_TEXTS * Math.max(0, ...all.map(({ maxLength }) => maxLength))),
  }
}
