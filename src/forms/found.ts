/**
 * The fields of a form, found in its schema. What JSON Schema says of a member is mirrored by a field: its kind, its bounds, its words.
 * The schema itself judges afterwards, so nothing is lost by what a field cannot show; a member that no field can show is refused here.
 * Source: Standard JSON Schema 1; JSON Schema 2020-12, "Validation".
 */
import { HoldfastError } from '../engine/errors.ts'
import { invalid, refuseUnknown, wholeNumber } from '../engine/options.ts'
import type { JsonSchema } from '../http/openapi.ts'
import { describeSchema, END, REFERS_TO_ITSELF } from '../validate/describe.ts'
import type { StandardSchema } from '../validate/standard-schema.ts'
import { ok, wrong, type Field, type FieldRead, type Fields, type Group } from './field.ts'
import { group, list, rows } from './fields/index.ts'
import { choicesIn, fieldOf, inWords, isText, kindOf, type FieldHints } from './found-kinds.ts'
import { end } from './found-end.ts'
import { normalised, refuse, refuseKeywords, refuseLeaf } from './found-nodes.ts'

export interface FindOptions<Input = Readonly<Record<string, unknown>>> {
  /** What the schema does not say, by name: `title`; of one in a group `address.city`, of one in each of a list of objects `lines.amount`. */
  readonly fields?: { readonly [Name in (keyof Input & string) | `${string}.${string}`]?: FieldHints } | undefined
  /** The names that are shown first, in this order. @default the schema's own order */
  readonly order?: readonly (keyof Input & string)[] | undefined
  /** How often a schema that refers to itself (a tree, a thread) may stand in itself; what is sent deeper is refused. @default it is refused at start-up */
  readonly deepest?: number | undefined
}

/** Where the search is: what is known about fields, and the names that were found. */
interface Search {
  readonly option: string
  readonly hints: Readonly<Record<string, FieldHints | undefined>>
  readonly found: string[]
  readonly deepest: number
}

/** Of a member: whether JSON may leave it out, and whether it may be `null`. */
interface Lack {
  readonly mayLack: boolean
  readonly nullable: boolean
}

/** How many there may be in a list whose schema does not say. */
const MOST_ITEMS = 100
const OBJECT_HINTS = ['label', 'hint', 'messages']

/** Throws HF_OPTION_INVALID for what cannot be fields, and says which member, why, and what to do. */
export function findFields(
  option: string,
  schema: StandardSchema<any, any>,
  { fields: hints = {}, order = [], deepest }: FindOptions,
): Fields {
  if (deepest !== undefined) wholeNumber(`${option}.deepest`, deepest, 1, 7)
  const described = describeSchema(schema, deepest)
  if (!described.ok)
    throw new HoldfastError('HF_OPTION_INVALID', `${option}: the schema does not say what it takes: ${described.why}.`, {
      fix:
        described.why === REFERS_TO_ITSELF
          ? 'Say how often it may stand in itself: { deepest: 4 }.'
          : 'Use valibot, zod 4.2, arktype 2.1.28, or another library with Standard JSON Schema; or name the fields: form(name, { title: text(…) }, { schema }).',
    })
  const search: Search = { option, hints, found: [], deepest: deepest ?? 0 }
  const { node, nullable } = normalised(described.json)
  if (node['type'] !== 'object' || nullable)
    refuse(option, 'it is no object', 'Give a schema of one object: its members become the fields.')
  const members = membersOf(search, node, '')
  refuseUnknown(`${option}.fields`, hints, search.found)
  const names = Object.keys(members)
  for (const name of order) refuseUnknown(`${option}.order`, { [name]: true }, names)
  return Object.fromEntries([...order, ...names].map((name) => [name, members[name]!]))
}

function membersOf(search: Search, node: JsonSchema, before: string): Fields {
  refuseKeywords(pathOf(search, before), node)
  const properties = Object.entries((node['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>)
  const required = (node['required'] ?? []) as readonly string[]
  return Object.fromEntries(
    properties.map(([name, member]) => {
      const path = `${before}${name}`
      search.found.push(path)
      return [name, memberOf(search, member, path, { name, required: required.includes(name) })]
    }),
  )
}

const pathOf = ({ option }: Search, path: string) => (path === '' ? option : `${option}.${path.replace(/\.$/, '')}`)

function memberOf(
  search: Search,
  given: JsonSchema,
  path: string,
  { name, required }: { readonly name: string; readonly required: boolean },
): Field | Group {
  const { node, nullable } = normalised(given)
  const hints = search.hints[path] ?? {}
  const lack: Lack = { mayLack: !required && hints.required !== true, nullable }
  const { description } = node
  const words = { label: labelOf(name, node), ...(typeof description === 'string' && { hint: description }) }
  if (END in node) return endOf(search, path, words.label, lack)
  if (hints.kind === undefined && node['type'] === 'object') return groupOf(search, node, path, { words, hints, lack })
  if (hints.kind === undefined && node['type'] === 'array') return manyOf(search, node, path, { words, hints, lack })
  return asMember(leafOf(search, node, path, { words, hints, lack }), lack)
}

/** What stands in itself once more has to be left out. */
function endOf(search: Search, path: string, label: string, lack: Lack): Field {
  if (!lack.mayLack && !lack.nullable)
    refuse(pathOf(search, path), 'it stands in itself without an end', 'Make it optional, or a list, which may be empty.')
  return asMember(end({ label, deepest: search.deepest, list: false }), lack)
}

interface About {
  readonly words: { readonly label: string; readonly hint?: string }
  readonly hints: FieldHints
  readonly lack: Lack
}

function groupOf(search: Search, node: JsonSchema, path: string, { words, hints, lack }: About): Group {
  refuseUnknown(`${search.option}.fields.${path}`, hints, OBJECT_HINTS)
  const required = !lack.mayLack && !lack.nullable
  const found = group({ ...said(words, hints), fields: membersOf(search, node, `${path}.`), required })
  return { ...found, ...lack, nothing: lack.mayLack ? undefined : null }
}

/** A list: of choices, of objects, or of single values. */
function manyOf(search: Search, node: JsonSchema, path: string, about: About): Field | Group {
  const { words, hints, lack } = about
  refuseKeywords(pathOf(search, path), node)
  const { node: item, nullable } = normalised((node['items'] ?? {}) as JsonSchema)
  if (nullable || item['type'] === 'array')
    refuse(
      pathOf(search, path),
      'it is a list of lists, or of what may be null',
      'Make it a list of objects with a member for each.',
    )
  if (END in item && Number(node['minItems'] ?? 0) > 0)
    refuse(pathOf(search, path), 'it stands in itself without an end', 'Let the list be empty.')
  if (END in item) return asMember(end({ label: words.label, deepest: search.deepest, list: true }), lack)
  const { required = Number(node['minItems'] ?? 0) > 0 && !lack.mayLack && !lack.nullable, ...more } = hints
  const most = Number(node['maxItems'] ?? MOST_ITEMS)
  if (item['type'] === 'object') {
    refuseUnknown(`${search.option}.fields.${path}`, more, OBJECT_HINTS)
    const found = rows({ ...said(words, more), fields: membersOf(search, item, `${path}.`), most, required })
    return { ...found, ...lack, nothing: lack.mayLack ? undefined : lack.nullable ? null : [] }
  }
  const one = { words, hints: more, lack: { mayLack: !required, nullable: false } }
  const isChoice = hints.kind === undefined && kindOf('', item) === 'choice'
  const field = isChoice ? leafOf(search, item, path, one, most) : list(leafOf(search, item, path, one), { most })
  return asMember(field, lack)
}

/** One control. With `most`, for several of the values that can be chosen. */
function leafOf(search: Search, node: JsonSchema, path: string, { words, hints, lack }: About, most?: number): Field {
  const at = pathOf(search, path)
  const kind = hints.kind ?? kindOf(path.slice(path.lastIndexOf('.') + 1), node)
  if (kind === undefined) return refuseLeaf(at, node)
  if (hints.kind === undefined) refuseKeywords(at, node)
  const has = !lack.mayLack && !lack.nullable
  if (has && hints.required === false && !isText(kind))
    invalid(`${search.option}.fields.${path}.required`, false, 'Make it optional in the schema, which asks for it.')
  const { autocomplete } = node
  const told = { ...words, ...(typeof autocomplete === 'string' && { autocomplete }) }
  const options = { ...told, required: has && (kind !== 'checkbox' || node['const'] === true), ...hints }
  try {
    if (kind !== 'choice') return fieldOf(kind, node, options)
    const choices = choicesIn(node, hints.choices)
    return most === undefined
      ? fieldOf(kind, node, { ...options, choices })
      : fieldOf('choices', node, { ...options, choices, most })
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error
    throw new HoldfastError(error.code, `${at}, a field of kind ${kind}: ${error.message.slice(error.code.length + 2)}`, {
      cause: error,
    })
  }
}

/** Words for what has no control of its own. */
function said(words: About['words'], { label, hint, messages }: FieldHints) {
  return { ...words, ...(label !== undefined && { label }), ...(hint !== undefined && { hint }), ...(messages && { messages }) }
}

function labelOf(name: string, { title }: JsonSchema): string {
  return typeof title === 'string' && title.trim() !== '' ? title : inWords(name)
}

/** A field that leaves out what was left out, as the schema has it; in JSON what has to be there has to be said, also `false` and `[]`. */
function asMember(field: Field, { mayLack, nullable }: Lack): Field {
  const lacks = mayLack || nullable
  const settle = (read: FieldRead) => (read.ok && lacks && isNothing(read.value) ? ok(mayLack ? undefined : null) : read)
  return {
    ...field,
    fromTexts: (texts) => settle(field.fromTexts(texts)),
    fromJson(value) {
      if (value === undefined) return mayLack ? ok(undefined) : wrong('required')
      return value === null && nullable ? ok(null) : field.fromJson(value)
    },
    json: nullable ? { anyOf: [field.json, { type: 'null' }] } : field.json,
  }
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
}
