/** What a field is: how it is read from a form and from JSON, described, and shown. One shape for all kinds; each is a small file. */
import { HoldfastError } from '../engine/errors.ts'
import { invalid, refuseUnknown } from '../engine/options.ts'
import { attributes, type SafeHtml } from '../html/html.ts'
import type { JsonSchema } from '../http/openapi.ts'
import { isStandardSchema, type StandardSchema } from '../validate/standard-schema.ts'
import { MESSAGES, type FormCode, type Messages } from './messages.ts'

/** What every field may say. */
export interface FieldOptions {
  /** What people read beside it. */
  readonly label: string
  /** A sentence that helps to fill it in. */
  readonly hint?: string
  /** Whether the form cannot be sent without it. @default true */
  readonly required?: boolean
  /** Other words for what can be wrong with it. @default the form's */
  readonly messages?: Messages
}

/** A schema of any library, which has the last word about a value that the field has read. */
export interface Judging<Output> {
  readonly schema: StandardSchema<any, Output>
}

export type FieldRead =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: FormCode; readonly limit?: string | number | undefined }

/** One control of the page: its names, and what stands in it. */
export interface ControlAt {
  readonly id: string
  readonly name: string
  /** What was typed, or what is there already. */
  readonly texts: readonly string[]
  /** `aria-describedby`, `aria-invalid`, `autofocus`, `required`. */
  readonly state: Readonly<Record<string, string | boolean | undefined>>
}

export interface Field<Value = unknown> {
  readonly kind: string
  readonly label: string
  readonly hint: string | undefined
  readonly required: boolean
  readonly messages: Messages | undefined
  readonly schema: StandardSchema<any, any> | undefined
  /** How many values may come under its name. @default 1 */
  readonly most?: number
  /** Whether what was typed is never shown again. */
  readonly secret?: boolean
  /** Longest text that is shown again. */
  readonly longest: number
  /** Whether characters that are refused elsewhere are shown again. */
  readonly asTyped?: boolean
  /** From a form, a query or an address; no text is a field that was not sent. */
  fromTexts(texts: readonly string[]): FieldRead
  /** From JSON, whose types are meant: `"1"` is no number. `undefined` when it was not sent. */
  fromJson(value: unknown): FieldRead
  /** A value as the texts that a form would send for it. */
  textsOf(value: unknown): readonly string[]
  /** What it takes in JSON. */
  readonly json: JsonSchema
  /** How label and control are put together. @default 'label' */
  readonly shape?: 'label' | 'box' | 'group' | 'lines' | 'hidden'
  control(at: ControlAt): SafeHtml
  /** Holds no value: says to the compiler what `read` gives. */
  readonly type?: Value
}

/** Fields that belong together: one object inside of the form's, or a list of such objects. */
export interface Group<Value = unknown> {
  readonly kind: 'group' | 'rows'
  readonly label: string
  readonly hint: string | undefined
  readonly required: boolean
  readonly messages: Messages | undefined
  readonly members: Fields
  /** How many objects: of a group one. */
  readonly most: number
  /** Whether JSON may leave it out. */
  readonly mayLack: boolean
  /** Whether JSON may say `null` for it. */
  readonly nullable: boolean
  /** What `read` gives where there is none. */
  readonly nothing: unknown
  /** Holds no value: says to the compiler what `read` gives. */
  readonly type?: Value
}

export type Fields = Readonly<Record<string, Field<any> | Group<any>>>
export type ValueOf<Of> = Of extends Field<infer Value> | Group<infer Value> ? Value : never
export type ValuesOf<Of extends Fields> = { readonly [Name in keyof Of]: ValueOf<Of[Name]> }
/** A value that is not there where nothing has to be. */
export type Maybe<Required, Value> = Required extends false ? Value | undefined : Value

/** What the options of a field give to all kinds alike. Throws HF_OPTION_UNKNOWN and HF_OPTION_INVALID. */
export function baseOf(kind: string, options: FieldOptions & Partial<Judging<any>>, more: readonly string[]) {
  if (typeof options !== 'object' || options === null) return invalid(kind, options, `Give { label: 'What people read' }.`)
  refuseUnknown(kind, options, ['label', 'hint', 'required', 'messages', 'schema', ...more])
  const { label, hint, required = true, messages, schema } = options
  if (typeof label !== 'string' || label.trim() === '')
    invalid(`${kind}.label`, label, 'Say what people read beside it: without a label nobody knows what to write.')
  if (schema !== undefined && !isStandardSchema(schema))
    invalid(`${kind}.schema`, schema, 'Give a schema that follows Standard Schema 1: of valibot, zod, arktype, …')
  checkMessages(`${kind}.messages`, messages)
  return { kind, label, hint, required, messages, schema }
}

export function checkMessages(option: string, messages: Messages | undefined): void {
  if (messages !== undefined) refuseUnknown(option, messages, Object.keys(MESSAGES))
}

const NAME = /^[a-zA-Z][\w-]{0,63}$/
const TAKEN = new Set(['constructor', 'prototype', 'form', 'toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf'])

/** Names that can be ids of a page and members of an object without meaning anything else. */
export function checkNames(option: string, fields: Fields): void {
  const names = Object.keys(fields)
  if (names.length === 0)
    throw new HoldfastError('HF_OPTION_INVALID', `${option} has no fields.`, { fix: 'Name one, or leave it out.' })
  for (const name of names) {
    if (NAME.test(name) && !TAKEN.has(name)) continue
    invalid(option, name, 'Name fields with letters, digits, "_" and "-", a letter first, and not "form" or "constructor".')
  }
}

export function isGroup(field: Field<any> | Group<any>): field is Group<any> {
  return field.kind === 'group' || field.kind === 'rows'
}

const REQUIRED = attributes({ required: true })
const NOTHING = attributes({})

/** The state of a control as attributes. Most have nothing to say but that they are required. */
export function stateOf(state: ControlAt['state']): SafeHtml {
  for (const name in state)
    if (name !== 'required' && state[name] !== undefined && state[name] !== false) return attributes(state)
  return state['required'] === true ? REQUIRED : NOTHING
}

export const ok = (value: unknown): FieldRead => ({ ok: true, value })
export const wrong = (code: FormCode, limit?: string | number): FieldRead => ({ ok: false, code, limit })
/** Of a field that was not filled in: refused, or what stands for nothing. */
export const absent = ({ required }: Pick<Field, 'required'>, nothing?: unknown): FieldRead =>
  required ? wrong('required') : ok(nothing)
