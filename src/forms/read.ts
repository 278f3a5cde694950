/**
 * From what was sent to values with types, or to what is wrong with which field.
 * Stops mass assignment (fields nobody declared are refused), parameter pollution (a name twice), and values of another kind than meant.
 * Sources: OWASP Mass Assignment and Input Validation Cheat Sheets; OWASP ASVS 5.0, 2.2.1, 15.3.3 and 15.3.7; CWE-915, CWE-235, CWE-843.
 */
import { cleaned } from '../validate/text.ts'
import { judge, type StandardSchema } from '../validate/standard-schema.ts'
import type { Field, FieldRead, Fields } from './field.ts'
import { sentence, type FormCode, type Messages } from './messages.ts'

/** What is wrong, where, in words for people. */
export interface FormError {
  /** Name of the field; `''` for what concerns none or several of them. */
  readonly field: string
  /** Stable, for programs. */
  readonly code: FormCode
  readonly message: string
}

/** What was typed, for the page that shows it again. Never passwords, files or sealed values. */
export type Typed = Readonly<Record<string, readonly string[]>>

/** Where values come from: texts by name (form, query, address), or a value of JSON. */
export type Source =
  | { readonly as: 'texts'; readonly fields: Readonly<Record<string, string | readonly string[]>> }
  | { readonly as: 'json'; readonly value: unknown }

export interface Reading {
  readonly fields: Fields
  readonly schema: StandardSchema<any, any> | undefined
  readonly messages: Messages | undefined
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

/** Reads all fields, so that everything that is wrong is said at once. */
export async function readForm(form: Reading, source: Source, setting: ReadSetting = {}): Promise<FormRead> {
  const { fields, messages } = form
  const sent = membersOf(source)
  if (sent === undefined) return { ok: false, errors: [formError('not-an-object', messages)], typed: () => ({}) }
  // Made when a page asks for it: what was right is seldom shown again.
  const typed = () => (source.as === 'texts' ? typedOf(fields, sent) : {})
  const errors: FormError[] = []
  const known = new Set([...Object.keys(fields), ...(setting.beside ?? [])])
  const unknown = [...sent.keys()].filter((name) => !known.has(name)).length
  // How many, not which: their names are the visitor's words.
  if (unknown > 0 && setting.others !== true) errors.push(formError('unknown-fields', messages, { count: unknown }))

  const values: [string, unknown][] = []
  for (const [name, field] of Object.entries(fields)) {
    const read = await readField(name, field, sent.get(name), source.as, setting)
    if (read.ok) values.push([name, read.value])
    else errors.push({ field: name, code: read.code, message: read.message ?? sayOf(field, read, messages) })
  }
  if (errors.length > 0) return { ok: false, errors, typed }
  return conclude(form, Object.fromEntries(values), typed)
}

/** The schema of the whole form has the last word; what it says of a member that is no field is said of the form. */
async function conclude({ fields, schema }: Reading, value: unknown, typed: () => Typed): Promise<FormRead> {
  if (schema === undefined) return { ok: true, value, typed }
  const judged = await judge(schema, value)
  if (judged.ok) return { ok: true, value: judged.value, typed }
  const errors = judged.issues.map(({ member = '', message }): FormError => {
    return { field: Object.hasOwn(fields, member) ? member : '', code: 'invalid', message }
  })
  return { ok: false, errors: oneEach(errors), typed }
}

/** The first that is wrong with each field. */
function oneEach(errors: readonly FormError[]): FormError[] {
  return [...new Map(errors.toReversed().map((error) => [error.field, error])).values()].toReversed()
}

type Wrong = Extract<FieldRead, { ok: false }> & { readonly message?: string }

async function readField(
  name: string,
  field: Field,
  sent: unknown,
  as: Source['as'],
  { given, open }: ReadSetting,
): Promise<Extract<FieldRead, { ok: true }> | Wrong> {
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

/** By own names only: nothing is looked up along a prototype. Texts are lists of texts, however often they came. */
export function membersOf(source: Source): ReadonlyMap<string, unknown> | undefined {
  if (source.as === 'texts')
    return new Map(Object.entries(source.fields).map(([name, value]) => [name, typeof value === 'string' ? [value] : value]))
  const { value } = source
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return new Map(Object.entries(value))
}

/** Of what a form sent, all that may be shown again; an empty list where nothing came, as for a box that was not ticked. */
export function typedOf(fields: Fields, sent: ReadonlyMap<string, unknown>): Typed {
  const shown = Object.entries(fields).filter(([, { secret }]) => secret !== true)
  return Object.fromEntries(
    shown.map(([name, { longest, most = 1, asTyped }]) => {
      const texts = ((sent.get(name) ?? []) as readonly string[]).slice(0, most)
      return [name, texts.map((text) => (asTyped === true ? text.slice(0, longest) : cleaned(text, longest)))]
    }),
  )
}

/** What is missing is said in the words of what one does there, unless other words are given. */
const MISSING: Readonly<Record<string, FormCode>> = {
  ...{ choice: 'required-choice', choices: 'required-choice', checkbox: 'required-tick' },
  ...{ file: 'required-file', files: 'required-file' },
}

function sayOf({ kind, label, messages: own }: Field, { code, limit }: Wrong, messages: Messages | undefined): string {
  const missing = code === 'required' && own?.required === undefined ? MISSING[kind] : undefined
  const told = { label, limit }
  if (missing !== undefined && (messages?.required === undefined || messages[missing] !== undefined))
    return sentence(missing, told, own, messages)
  return sentence(code, told, own, messages)
}

export function formError(code: FormCode, messages: Messages | undefined, told: { readonly count?: number } = {}): FormError {
  return { field: '', code, message: sentence(code, told, messages) }
}
