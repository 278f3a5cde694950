/**
 * From what was sent to values with types, or to what is wrong with which field.
 * Stops mass assignment (fields nobody declared are refused), parameter pollution (a name twice), and values of another kind than meant.
 * Sources: OWASP Mass Assignment and Input Validation Cheat Sheets; OWASP ASVS 5.0, 2.2.1, 15.3.3 and 15.3.7; CWE-915, CWE-235, CWE-843.
 */
import { judge, type StandardSchema } from '../validate/standard-schema.ts'
import { isGroup, type Field, type FieldRead, type Fields, type Group } from './field.ts'
import { sentence, type FormCode, type Messages } from './messages.ts'
import { objectOf, sentFor, typedOf, type Source, type Typed } from './sent.ts'
import { fieldAt, isEmpty, type Sent } from './tree.ts'

/** What is wrong, where, in words for people. */
export interface FormError {
  /** Name of the field, `address.city` or `lines[2].amount` of one in a group; `''` for what concerns none or several of them. */
  readonly field: string
  /** Stable, for programs. */
  readonly code: FormCode
  readonly message: string
}

export interface Reading {
  readonly fields: Fields
  readonly schema: StandardSchema<any, any> | undefined
  readonly messages: Messages | undefined
  /** Of fields that were found in the schema: those beside it, which it does not see. What was left out is no member of the value then. */
  readonly found?: { readonly more: readonly string[]; readonly deepest?: number | undefined } | undefined
}

export interface ReadSetting {
  /** Names that are not the form's own and belong there: the token against cross-site request forgery. */
  readonly beside?: readonly string[]
  /** Whether what nobody asked for is passed over instead of refused. @default false */
  readonly others?: boolean
  /** Values that were read elsewhere: files. */
  readonly given?: ReadonlyMap<string, FieldRead>
  /** Opens the value of a sealed field; `undefined` when it is not ours, not for this visitor or not for this field. */
  readonly open?: (field: string, sealed: string) => string | undefined
}

export type FormRead =
  | { readonly ok: true; readonly value: unknown; readonly typed: () => Typed }
  | { readonly ok: false; readonly errors: readonly FormError[]; readonly typed: () => Typed }

/** Of thousands of rows that are wrong, so many are said. */
const MOST_ERRORS = 100

/** One reading: what it reads, and what it has found wrong. */
interface Walk extends ReadSetting {
  readonly as: Source['as']
  readonly messages: Messages | undefined
  readonly sparse: boolean
  readonly errors: FormError[]
}

/** Reads all fields, so that everything that is wrong is said at once. */
export async function readForm(form: Reading, source: Source, setting: ReadSetting = {}): Promise<FormRead> {
  const { fields, messages } = form
  const sent = sentFor(fields, source)
  if (sent === undefined) return { ok: false, errors: [formError('not-an-object', messages)], typed: () => ({}) }
  // Made when a page asks for it: what was right is seldom shown again.
  const typed = () => (source.as === 'texts' ? typedOf(fields, sent) : {})
  const errors: FormError[] = []
  const walk: Walk = { ...setting, as: source.as, messages, sparse: form.found !== undefined, errors }
  const value = await readMembers(walk, fields, sent, '')
  return errors.length > 0 ? { ok: false, errors, typed } : conclude(form, value, typed)
}

async function readMembers(walk: Walk, fields: Fields, sent: Sent, path: string): Promise<Readonly<Record<string, unknown>>> {
  refuseOthers(walk, fields, sent, path)
  const values: [string, unknown][] = []
  for (const [name, field] of Object.entries(fields)) {
    const own = path === '' ? name : `${path}.${name}`
    const came = sent.get(name)
    const read = isGroup(field) ? await readGroup(walk, field, came, own) : await readField(own, field, came, walk)
    if (!read.ok) walk.errors.push({ field: own, code: read.code, message: read.message ?? sayOf(field, read, walk.messages) })
    else if (read.value !== undefined || !walk.sparse) values.push([name, read.value])
  }
  return Object.fromEntries(values)
}

/** How many there are that nobody asked for, not which: their names are the visitor's words. */
function refuseOthers({ beside = [], others, errors, messages }: Walk, fields: Fields, sent: Sent, path: string): void {
  let count = 0
  for (const name of sent.keys()) if (!Object.hasOwn(fields, name) && (path !== '' || !beside.includes(name))) count++
  if (count > 0 && (path !== '' || others !== true))
    errors.push({ ...formError('unknown-fields', messages, { count }), field: path })
}

type Read = Extract<FieldRead, { ok: true }> | Wrong

async function readGroup(walk: Walk, group: Group, sent: unknown, path: string): Promise<Read> {
  const { kind, members, nothing, mayLack, nullable, required } = group
  const none = walk.as === 'json' ? sent === undefined : isEmpty(sent)
  if (none && (walk.as === 'json' ? mayLack : !required)) return { ok: true, value: nothing }
  if (none && (walk.as === 'json' || kind === 'rows')) return { ok: false, code: 'required' }
  if (sent === null && nullable) return { ok: true, value: null }
  if (kind === 'rows') return readRows(walk, group, sent, path)
  const own = sent === undefined ? new Map<string, unknown>() : objectOf(sent)
  return own === undefined ? { ok: false, code: 'type' } : { ok: true, value: await readMembers(walk, members, own, path) }
}

async function readRows(walk: Walk, { members, most, required }: Group, sent: unknown, path: string): Promise<Read> {
  if (!Array.isArray(sent)) return { ok: false, code: 'type' }
  // Counted before any is looked at.
  if (sent.length > most) return { ok: false, code: 'too-many', limit: most }
  if (sent.length === 0 && required) return { ok: false, code: 'required' }
  const values: unknown[] = []
  for (const [index, row] of sent.entries()) {
    if (walk.errors.length >= MOST_ERRORS) break
    const own = objectOf(row)
    if (own === undefined) return { ok: false, code: 'type' }
    values.push(await readMembers(walk, members, own, `${path}[${index}]`))
  }
  return { ok: true, value: values }
}

/** The schema of the whole form has the last word; what it says of a member that is no field is said of what is around it. */
async function conclude(form: Reading, value: Readonly<Record<string, unknown>>, typed: () => Typed): Promise<FormRead> {
  const { schema, messages, found } = form
  if (schema === undefined) return { ok: true, value, typed }
  const more = Object.entries(value).filter(([name]) => found?.more.includes(name))
  const own =
    more.length === 0 ? value : Object.fromEntries(Object.entries(value).filter(([name]) => !found?.more.includes(name)))
  const judged = await judge(schema, own)
  if (judged.ok) {
    const output: unknown = judged.value
    return { ok: true, value: more.length === 0 ? output : { ...(output as object), ...Object.fromEntries(more) }, typed }
  }
  const errors = judged.issues.slice(0, MOST_ERRORS).map(({ path, message }): FormError => {
    const [name, field] = fieldAt(form.fields, path) ?? ['', undefined]
    const repeats = field !== undefined && !isGroup(field) && field.secret === true && message.includes(secretAt(value, path))
    return { field: name, code: 'invalid', message: repeats ? sayOf(field, { ok: false, code: 'invalid' }, messages) : message }
  })
  return { ok: false, errors: oneEach(errors), typed }
}

/** What was typed there: libraries like to repeat what they were given, and a password is never shown again. */
function secretAt(value: unknown, path: readonly string[]): string {
  let at: unknown = value
  for (const name of path)
    at = typeof at === 'object' && at !== null ? (at as Readonly<Record<string, unknown>>)[name] : undefined
  return typeof at === 'string' && at !== '' ? at : '\0'
}

/** The first that is wrong with each field. */
function oneEach(errors: readonly FormError[]): FormError[] {
  return [...new Map(errors.toReversed().map((error) => [error.field, error])).values()].toReversed()
}

type Wrong = Extract<FieldRead, { ok: false }> & { readonly message?: string }

async function readField(name: string, field: Field, sent: unknown, { given, open, as }: Walk): Promise<Read> {
  let read = given?.get(name)
  if (read === undefined) {
    if (field.kind === 'sealed') {
      const text: unknown = as === 'json' || !Array.isArray(sent) || sent.length > 1 ? sent : sent[0]
      const opened = typeof text === 'string' ? open?.(name, text) : undefined
      return opened === undefined ? { ok: false, code: 'sealed' } : { ok: true, value: opened }
    }
    if (as === 'json') read = field.fromJson(sent)
    else {
      const texts = (sent ?? []) as readonly string[]
      read = texts.length > (field.most ?? 1) ? excess(field, texts) : field.fromTexts(texts)
    }
  }
  if (!read.ok || field.schema === undefined) return read
  const judged = await judge(field.schema, read.value)
  return judged.ok ? judged : { ok: false, code: 'invalid', message: judged.issues[0]?.message ?? '' }
}

/** Twice where once is meant is refused, whichever of them a reader would take. */
function excess({ most = 1 }: Field, _texts: readonly string[]): FieldRead {
  return most === 1 ? { ok: false, code: 'repeated' } : { ok: false, code: 'too-many', limit: most }
}

/** What is missing is said in the words of what one does there, unless other words are given. */
const MISSING: Readonly<Record<string, FormCode>> = {
  ...{ choice: 'required-choice', choices: 'required-choice', checkbox: 'required-tick' },
  ...{ file: 'required-file', files: 'required-file', rows: 'required-row' },
}

function sayOf({ kind, label, messages: own }: Field | Group, { code, limit }: Wrong, messages: Messages | undefined): string {
  const missing = code === 'required' && own?.required === undefined ? MISSING[kind] : undefined
  const told = { label, limit }
  if (missing !== undefined && (messages?.required === undefined || messages[missing] !== undefined))
    return sentence(missing, told, own, messages)
  return sentence(code, told, own, messages)
}

export function formError(code: FormCode, messages: Messages | undefined, told: { readonly count?: number } = {}): FormError {
  return { field: '', code, message: sentence(code, told, messages) }
}
