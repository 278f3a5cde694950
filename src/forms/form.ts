/**
 * `form`: one definition that reads what is sent (a form, JSON, a query), says what is wrong, and makes the fields of the page.
 * Sources: OWASP Input Validation and Mass Assignment Cheat Sheets; WCAG 2.2, 3.3; OWASP ASVS 5.0 V2.2 and V2.3.
 */
import { carriedBy, type Carried } from '../engine/carrier.ts'
import { milliseconds, type Duration } from '../engine/duration.ts'
import { invalid, refuseUnknown } from '../engine/options.ts'
import { FormToken } from '../engine/facts.ts'
import type { JsonSchema } from '../http/openapi.ts'
import { parseQuery } from '../http/query.ts'
import { isStandardSchema, type InputOf, type OutputOf, type StandardSchema } from '../validate/standard-schema.ts'
import { bodyReader, type BodyRefused, type FilesOptions, type SentBody } from './body.ts'
import { checkMessages, checkNames, type Fields, type ValuesOf } from './field.ts'
import { findFields, type FindOptions } from './found.ts'
import { jsonSchemaOf } from './json-schema.ts'
import { sentence, type Messages } from './messages.ts'
import { issueOnce, ONCE_FIELD, useOnce, visitorOf } from './once.ts'
import { formError, readForm, type FormError, type Reading, type ReadSetting } from './read.ts'
import { membersOf, typedOf, type Source, type Typed } from './sent.ts'
import { createOutcome, type Accepted, type Refused } from './outcome.ts'
import { fieldAt, partsOf } from './tree.ts'
import { viewOf, type FormView, type ViewOptions } from './view.ts'

export interface FormOptions {
  /** Good for one sending, within this time after its page was made. `true`: an hour. @default false */
  readonly once?: boolean | Duration
  /** Other words, or another language. @default English */
  readonly messages?: Messages
  /** Where files are kept. Must be given with a field of a file. */
  readonly files?: FilesOptions
}

/** Of a form whose fields are found in its schema. */
export interface SchemaFormOptions<Input = Readonly<Record<string, unknown>>, More extends Fields = Fields>
  extends FormOptions, FindOptions<Input> {
  /** Fields that a schema cannot tell: files, hidden and sealed values. It does not see them; they stand beside what it gives. @default {} */
  readonly more?: More
}

/** A schema over all values: for what several fields say together. Its output is what `read` gives. */
export interface WholeSchema<Input, Output> {
  readonly schema: StandardSchema<Input, Output>
}

export interface QueryOptions {
  /** Parameters that are no fields are passed over instead of refused: an address may carry what others add to it. @default false */
  readonly others?: boolean
}

export interface Form<Value, Input> {
  readonly name: string
  readonly fields: Fields
  /** Bytes of a form with files: the `bodyLimit` of its route. */
  readonly maxBody: number
  /** What the page sent: a form, also with files, or JSON. The object is what the framework gave to the handler. */
  read(request: object): Promise<Accepted<Value> | Refused>
  /** What a program sent: JSON and nothing else. It needs no token of a page. */
  json(request: object): Promise<Accepted<Value> | Refused>
  /** What stands behind the question mark. */
  query(request: object, options?: QueryOptions): Promise<Accepted<Value> | Refused>
  /** What the framework's router found in the path, as texts by name. */
  params(request: object, values: Readonly<Record<string, string | undefined>>): Promise<Accepted<Value> | Refused>
  /** Fields, errors and hidden fields as HTML. */
  view(request: object, options: ViewOptions<Input>): FormView<keyof Input & string>
  /** What it takes in JSON, as JSON Schema 2020-12. */
  jsonSchema(): JsonSchema
  /** For steps. */
  readonly [INSIDE]: Inside<Value>
}

/** What several forms in a row need of each. */
export interface Inside<Value> {
  /** `read`, with names beside the form's own, and what came under them. */
  take(
    request: object,
    beside: readonly string[],
  ): Promise<{ readonly sent: Accepted<Value> | Refused; readonly besides: ReadonlyMap<string, unknown> }>
  /** Looks again at what was typed and accepted before. */
  again(request: object, typed: Typed): Promise<Accepted<Value> | Refused>
}

export const INSIDE = Symbol('holdfast.form')
/** Names of what steps hide in a form. */
export const STEPS_FIELD = '_steps'
export const BACK_FIELD = '_back'

type AnyOptions = SchemaFormOptions<any> & Partial<WholeSchema<any, any>>

const HOUR = 3_600_000
const NAME = /^[a-z][a-z0-9-]{0,63}$/
const SEALED = 'form-sealed'

/**
 * Made once, at start-up, of fields, or of a schema in which the fields are found. Throws HF_OPTION_INVALID and its kin for what cannot work.
 *
 * @example
 * const note = form('note', { title: text({ label: 'Title', max: 120 }), text: area({ label: 'Text', required: false }) })
 * const same = form('note', v.object({ title: v.pipe(v.string(), v.maxLength(120)), text: v.optional(v.string()) }))
 * const sent = await note.read(request)
 * if (sent.ok) await notes.add(sent.value)
 */
export function form<const Of extends Fields>(name: string, fields: Of, options?: FormOptions): Form<ValuesOf<Of>, ValuesOf<Of>>
export function form<const Of extends Fields, Output>(
  name: string,
  fields: Of,
  options: FormOptions & WholeSchema<any, Output>,
): Form<Output, ValuesOf<Of>>
export function form<Of extends StandardSchema<any, any>, const More extends Fields = Readonly<Record<never, never>>>(
  name: string,
  schema: Of,
  options?: SchemaFormOptions<InputOf<Of>, More>,
): Form<OutputOf<Of> & ValuesOf<More>, InputOf<Of> & ValuesOf<More>>
export function form(name: string, asked: Fields | StandardSchema<any, any>, options: AnyOptions = {}): Form<any, any> {
  const { once, files, reading } = isSchema(asked) ? readSchema(name, asked, options) : readOptions(name, asked, options)
  const { fields } = reading
  const own = once ? [ONCE_FIELD] : []
  const body = bodyReader(name, fields, files, [...own, STEPS_FIELD, BACK_FIELD])
  const { messages } = reading

  function besides({ x, guard }: Carried): readonly string[] {
    const token = x.get(FormToken)?.field
    return [...own, ...guard.forms.decoys, ...(token === undefined ? [] : [token])]
  }

  function settingOf(carried: Carried, more: readonly string[] = []): ReadSetting {
    const visitor = visitorOf(carried)
    return {
      beside: [...besides(carried), ...more],
      open(field, sealed) {
        const opened = carried.guard.forms.keys.open(SEALED, sealed, [name, field, visitor])
        return opened.ok ? Buffer.from(opened.plaintext).toString('utf8') : undefined
      },
    }
  }

  async function take(carried: Carried, sent: SentBody, asPage: boolean, beside: readonly string[] = []) {
    const outcome = createOutcome(carried, name, fields)
    if (!sent.ok) return refuseBody(outcome, sent, reading)
    try {
      return await judgeSent(carried, sent, asPage, beside)
    } catch (error) {
      await sent.remove?.()
      throw error
    }
  }

  async function judgeSent(
    carried: Carried,
    { source, given, remove }: Extract<SentBody, { ok: true }>,
    asPage: boolean,
    beside: readonly string[],
  ): Promise<Accepted<any> | Refused> {
    const outcome = createOutcome(carried, name, fields)
    const read = await readForm(reading, source, { ...settingOf(carried, beside), ...(given && { given }) })
    if (!read.ok) {
      await remove?.()
      return outcome.refuse(422, read.errors, read.typed)
    }
    if (once === undefined || !asPage) return outcome.accept(read, { remove })
    const used = await useOnce(carried, once, tokenOf(source))
    if (used.ok) return outcome.accept(read, { remove, ticket: used.ticket })
    await remove?.()
    if (used.reason === 'sent-already')
      return outcome.refuse(409, [formError('sent-already', messages)], read.typed, { result: used.result })
    return outcome.refuse(422, [formError('expired', messages)], read.typed, { why: used.reason })
  }

  async function fromTexts(carried: Carried, texts: Extract<Source, { as: 'texts' }>['fields'], others: boolean) {
    const outcome = createOutcome(carried, name, fields)
    const read = await readForm(reading, { as: 'texts', fields: texts }, { ...settingOf(carried), others })
    return read.ok ? outcome.accept(read, {}) : outcome.refuse(422, read.errors, read.typed)
  }

  return {
    name,
    fields,
    maxBody: body.maxBody,
    async read(request) {
      const carried = carriedBy(request)
      return take(carried, await body.read(request, carried), true)
    },
    async json(request) {
      const carried = carriedBy(request)
      const sent = await body.read(request, carried)
      if (sent.ok && sent.source.as === 'json') return take(carried, sent, false)
      if (sent.ok) await sent.remove?.()
      return take(carried, { ok: false, status: 415, code: 'content-type', field: '', told: false }, false)
    },
    async query(request, { others = false } = {}) {
      const carried = carriedBy(request)
      const query = parseQuery(carried.x.search)
      if (query.ok) return fromTexts(carried, query.value, others)
      return createOutcome(carried, name, fields).refuse(400, [formError('body', messages)], () => ({}))
    },
    async params(request, values) {
      const there = Object.entries(values).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
      return fromTexts(carriedBy(request), Object.fromEntries(there), false)
    },
    view(request, view) {
      const carried = carriedBy(request)
      // What stands in an address carries no token: addresses are kept, shared and logged.
      const posts = view.method !== 'get'
      return viewOf({ fields, messages }, view, {
        csrf: posts ? csrfOf(carried) : undefined,
        once: posts && once ? { name: ONCE_FIELD, value: issueOnce(carried, once) } : undefined,
        seal: (field, value) => carried.guard.forms.keys.seal(SEALED, value, [name, field, visitorOf(carried, true)]),
      })
    },
    jsonSchema: () => jsonSchemaOf(fields, reading.schema, reading.found?.deepest),
    [INSIDE]: {
      async take(request, beside) {
        const carried = carriedBy(request)
        const arrived = await body.read(request, carried)
        const members = (arrived.source && membersOf(arrived.source)) ?? new Map<string, unknown>()
        const besides = new Map(beside.map((name) => [name, [members.get(name)].flat()[0]]))
        return { sent: await take(carried, arrived, true, beside), besides }
      },
      again: (request, typed) => fromTexts(carriedBy(request), typed, false),
    },
  }
}

const isSchema = (asked: Fields | StandardSchema<any, any>): asked is StandardSchema<any, any> => isStandardSchema(asked)

function readSchema(name: string, schema: StandardSchema<any, any>, { fields, order, deepest, more = {}, ...rest }: AnyOptions) {
  if ('schema' in rest) invalid(`form.${name}.schema`, rest.schema, 'Leave it out: the form is made of a schema already.')
  const found = findFields(`form.${name}`, schema, { fields, order, deepest })
  for (const own of Object.keys(more))
    if (Object.hasOwn(found, own)) invalid(`form.${name}.more`, own, 'Name it otherwise: the schema has a member of this name.')
  const { reading, ...read } = readOptions(name, { ...found, ...more }, { ...rest, schema })
  return { ...read, reading: { ...reading, found: { more: Object.keys(more), deepest } } }
}

function readOptions(name: string, fields: Fields, options: AnyOptions) {
  if (typeof name !== 'string' || !NAME.test(name))
    invalid(
      'form',
      name,
      `Name the form in small letters, digits and hyphens: 'new-note'. The log and its tokens know it by that.`,
    )
  refuseUnknown(`form.${name}`, options, ['once', 'messages', 'files', 'schema'])
  checkNames(`form.${name}`, fields)
  const { once = false, messages, files, schema } = options
  checkMessages(`form.${name}.messages`, messages)
  if (schema !== undefined && !isStandardSchema(schema))
    invalid(`form.${name}.schema`, schema, 'Give a schema that follows Standard Schema 1: of valibot, zod, arktype, …')
  const life = once === true ? HOUR : once === false ? undefined : milliseconds(`form.${name}.once`, once)
  const reading: Reading = { fields, schema, messages }
  return { once: life === undefined ? undefined : { form: name, life }, files, reading }
}

function refuseBody(outcome: ReturnType<typeof createOutcome>, sent: BodyRefused, { fields, messages }: Reading) {
  const { field, code, limit, status, source, told } = sent
  const [, own] = fieldAt(fields, partsOf(field)) ?? []
  const message = sentence(code, { label: own?.label, limit, count: 1 }, own?.messages, messages)
  const errors: readonly FormError[] = [{ field: own ? field : '', code, message }]
  // What came before it was refused.
  const sentBefore = source && membersOf(source)
  return outcome.refuse(status, errors, () => (sentBefore ? typedOf(fields, sentBefore) : {}), { told })
}

function tokenOf(source: Source): string | undefined {
  const members = source.as === 'texts' ? source.fields : (source.value as Readonly<Record<string, unknown>>)
  const value: unknown = Object.hasOwn(members, ONCE_FIELD) ? members[ONCE_FIELD] : undefined
  if (typeof value === 'string') return value
  return Array.isArray(value) && value.length === 1 ? String(value[0]) : undefined
}

function csrfOf({ x }: Carried): { readonly name: string; readonly value: string } | undefined {
  const form = x.get(FormToken)
  const value = form?.token()
  return form && value !== undefined ? { name: form.field, value } : undefined
}
