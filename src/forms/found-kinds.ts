/** What a member of a schema is to a person who fills it in: the kind of its field and its bounds, read from JSON Schema. */
import { invalid, refuseUnknown } from '../engine/options.ts'
import type { JsonSchema } from '../http/openapi.ts'
import type { AllowedCharacters } from '../validate/text.ts'
import type { Field } from './field.ts'
import * as makers from './fields/index.ts'
import type { Messages } from './messages.ts'

/** Kinds of fields that can be told from a schema, or named for one of its members. */
export type FoundKind = 'text' | 'area' | 'password' | 'email' | 'url' | 'number' | 'date' | 'checkbox' | 'choice' | 'choices'

/** What a schema does not say of a field. Each kind takes those of its own function. */
export interface FieldHints {
  /** @default as the schema tells: a format, a name with "password" in it, a list of values */
  readonly kind?: FoundKind
  /** @default the schema's title, or its name in words */
  readonly label?: string
  /** @default the schema's description */
  readonly hint?: string
  /** `false` lets a text be empty that the schema asks for. @default as the schema says */
  readonly required?: boolean
  readonly messages?: Messages
  readonly autocomplete?: string
  /** Fewest characters, smallest number, first day. @default the schema's */
  readonly min?: number | string
  /** Most characters, largest number, last day. @default the schema's, or what the kind has */
  readonly max?: number | string
  readonly decimals?: number
  readonly trim?: boolean
  readonly allow?: readonly AllowedCharacters[]
  /** Words for values, in the order in which they are shown. @default the values in words */
  readonly choices?: Readonly<Record<string, string>>
  readonly as?: 'select' | 'radios'
}

const TEXTS: ReadonlySet<FoundKind> = new Set(['text', 'area', 'password', 'email', 'url'])
const FORMATS: Readonly<Record<string, FoundKind>> = { email: 'email', uri: 'url', date: 'date', password: 'password' }
/** Shown as a text it would come back with the page: a name is enough to be careful. */
const SECRET = /passw(?:or)?d|passphrase/i

export const isText = (kind: FoundKind): boolean => TEXTS.has(kind)

/** The kind of a member that is neither an object nor a list. */
export function kindOf(name: string, { type, format, enum: values, const: only }: JsonSchema): FoundKind | undefined {
  if (type === 'boolean') return only === false || values !== undefined ? undefined : 'checkbox'
  if (values !== undefined || only !== undefined) return 'choice'
  if (type === 'integer' || type === 'number') return 'number'
  if (type !== 'string' || format === 'binary') return undefined
  return FORMATS[String(format)] ?? (SECRET.test(name) ? 'password' : 'text')
}

/** The field of a kind, with what the schema says of it and what is said besides. */
export function fieldOf(
  kind: FoundKind,
  node: JsonSchema,
  options: FieldHints & { readonly label: string; readonly most?: number },
): Field<any> {
  const { kind: _kind, most, choices, ...more } = options
  const several = most !== undefined && choices !== undefined && { most: Math.min(most, Object.keys(choices).length) }
  const told = { ...boundsOf(kind, node), ...more, choices, ...several }
  const given = Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined))
  // Each refuses what it does not know.
  return (makers[kind] as (options: never) => Field<any>)(given as never)
}

function boundsOf(kind: FoundKind, node: JsonSchema): Partial<FieldHints> {
  if (isText(kind)) return { max: numberIn(node, 'maxLength'), min: numberIn(node, 'minLength') } as Partial<FieldHints>
  if (kind === 'number') return rangeOf(node)
  return {}
}

function rangeOf(node: JsonSchema): Partial<FieldHints> {
  const decimals = node['type'] === 'integer' ? 0 : decimalsOf(numberIn(node, 'multipleOf'))
  const above = numberIn(node, 'exclusiveMinimum')
  const below = numberIn(node, 'exclusiveMaximum')
  // The next whole number; between fractions the schema tells.
  const step = decimals === 0 ? 1 : 0
  const min = Math.max(...defined(numberIn(node, 'minimum'), above === undefined ? undefined : above + step))
  const max = Math.min(...defined(numberIn(node, 'maximum'), below === undefined ? undefined : below - step))
  return { decimals, ...(Number.isFinite(min) && { min }), ...(Number.isFinite(max) && { max }) }
}

const MOST_DECIMALS = 10

function decimalsOf(step: number | undefined): number {
  const [, fraction] = /^\d+(?:\.(\d{1,10}))?$/.exec(String(step)) ?? []
  return step === undefined || !/^[\d.]+$/.test(String(step)) ? MOST_DECIMALS : (fraction?.length ?? 0)
}

function numberIn(node: JsonSchema, keyword: string): number | undefined {
  const value = node[keyword]
  return typeof value === 'number' ? value : undefined
}

const defined = (...values: readonly (number | undefined)[]) => values.filter((value) => value !== undefined)

/** The values that can be chosen, with words: those that are given first, in their order. Throws for words of other values. */
export function choicesIn(
  { enum: values, const: only }: JsonSchema,
  words: FieldHints['choices'] = {},
): Readonly<Record<string, string>> {
  const offered = (Array.isArray(values) ? values : [only]) as readonly unknown[]
  const texts = offered.map((value) =>
    typeof value === 'string' ? value : invalid('choices', value, 'Name each value by a text.'),
  )
  refuseUnknown('choices', words, texts)
  return {
    ...words,
    ...Object.fromEntries(texts.filter((value) => !Object.hasOwn(words, value)).map((value) => [value, inWords(value)])),
  }
}

/** `firstName`, `first_name` and `first-name` as people write it. */
export function inWords(name: string): string {
  const words = name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll(/[_-]+/g, ' ')
    .toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
