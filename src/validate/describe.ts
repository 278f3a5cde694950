/**
 * What a schema takes, in words that others can read: JSON Schema 2020-12, without references. zod and arktype say it by themselves;
 * for valibot its own converter does.
 * Source: Standard JSON Schema 1, https://standardschema.dev/json-schema
 */
import { createRequire } from 'node:module'
import type { JsonSchema } from '../http/openapi.ts'
import type { StandardSchema } from './standard-schema.ts'

export type Described =
  | { readonly ok: true; readonly json: JsonSchema }
  /** In the words of the library, or ours. */
  | { readonly ok: false; readonly why: string }

interface Converter {
  readonly input?: (options: { readonly target: string; readonly libraryOptions?: Record<string, unknown> }) => JsonSchema
}
interface Describing {
  readonly '~standard': { readonly jsonSchema?: Converter }
}
type ValibotSchema = Parameters<(typeof import('@valibot/to-json-schema'))['toStandardJsonSchema']>[0]

/**
 * What JSON Schema has no words for is left out instead of refusing the whole: a check that only code can make says nothing about what
 * is sent, and is made all the same when the schema judges.
 */
const LIBRARY_OPTIONS: Readonly<Record<string, Record<string, unknown>>> = {
  valibot: { errorMode: 'ignore', overrideAction: withoutHalfTruths },
  zod: { unrepresentable: 'any' },
}

/** Marks where what refers to itself may not go on. As JSON Schema it takes nothing. */
export const END = Symbol('holdfast.end')

/** Why it was not described: no depth was given. */
export const REFERS_TO_ITSELF = 'it refers to itself'

/** Of a schema whose parts refer to one another several times there would be more copies than anybody reads. */
const MOST_NODES = 20_000

/** What is known while references are replaced by what they refer to. */
interface Inlining {
  readonly root: JsonSchema
  readonly deepest: number
  nodes: number
}

/** Describes `schema`; not every library can. What refers to itself has no end: it stands in itself `deepest` times. */
export function describeSchema(schema: StandardSchema<any, any>, deepest = 0): Described {
  try {
    const { vendor } = schema['~standard']
    const own = (schema as Describing)['~standard'].jsonSchema
    const converter = own ?? (vendor === 'valibot' ? valibotConverter(schema) : undefined)
    if (converter?.input === undefined) return { ok: false, why: `${vendor} has no JSON Schema for it` }
    const libraryOptions = LIBRARY_OPTIONS[vendor]
    const json = converter.input({ target: 'draft-2020-12', ...(libraryOptions && { libraryOptions }) })
    return { ok: true, json: inlined(json, { root: json, deepest, nodes: 0 }, ['#', ...twinsOf(json)]) }
  } catch (error) {
    // The standard lets a library throw for what it has no words for.
    return { ok: false, why: error instanceof Error ? error.message : String(error) }
  }
}

function valibotConverter(schema: StandardSchema<any, any>): Converter {
  // It looks at the structure of the schema alone, so that any version of valibot will do.
  return library().toStandardJsonSchema(schema as unknown as ValibotSchema)['~standard'].jsonSchema
}

/** A pattern with flags, or the first of two, would refuse what the schema takes. */
function withoutHalfTruths({ jsonSchema, errors }: { readonly jsonSchema: JsonSchema; readonly errors?: readonly string[] }) {
  if (errors === undefined) return undefined
  const { pattern: _pattern, ...rest } = jsonSchema
  return rest
}

const REFERENCE = /^#(?:\/\$defs\/([^/]+))?$/
/** How arktype words its refusals; it leaves them in. */
const OWN_WORDS = new Set(['message', 'expected', 'actual', 'problem', 'onFail'])
/** Whose members are names of the application's, not keywords. */
const NAMED = new Set(['properties', 'patternProperties', 'dependentSchemas'])
/** Whose values are values, whatever they look like. */
const VALUES = new Set(['const', 'enum', 'default', 'examples'])

/** valibot says the root once more for those that refer to it. */
function twinsOf({ $defs, $schema: _draft, ...root }: JsonSchema): readonly string[] {
  const own = JSON.stringify(root)
  const named = Object.entries(($defs ?? {}) as Readonly<Record<string, JsonSchema>>)
  return named.filter(([, node]) => JSON.stringify(node) === own).map(([name]) => `#/$defs/${name}`)
}

/** References point into their own document; in the description of an API they would point into another. */
function inlined(node: JsonSchema, all: Inlining, open: readonly string[]): JsonSchema {
  if (++all.nodes > MOST_NODES) throw new Error(`it refers to itself so often that ${all.deepest} deep is too deep`)
  const { $ref, $defs: _defs, $schema: _draft, ...rest } = node
  const said = Object.entries(rest).filter(([keyword]) => !OWN_WORDS.has(keyword))
  const own = Object.fromEntries(said.map(([keyword, value]) => [keyword, inside(keyword, value, all, open)]))
  if ($ref === undefined) return own
  const [whole = '', name] = REFERENCE.exec(String($ref)) ?? []
  const times = open.filter((one) => one === whole).length
  if (times > 0 && all.deepest === 0) throw new Error(REFERS_TO_ITSELF)
  const named = name === undefined ? undefined : (all.root['$defs'] as Readonly<Record<string, JsonSchema>> | undefined)?.[name]
  const target = whole === '#' ? all.root : named
  if (target === undefined) throw new Error(`it refers to ${String($ref)}, which is not there`)
  if (times > all.deepest) return { ...ended(target), ...own }
  return { ...inlined(target, all, [...open, whole]), ...own }
}

/** A list may be empty there; everything else may not be there. */
function ended({ type, minItems, title }: JsonSchema): JsonSchema {
  const nothing = { not: {}, [END]: true }
  if (type !== 'array') return nothing
  return { type, items: nothing, ...(minItems !== undefined && { minItems }), ...(title !== undefined && { title }) }
}

function inside(keyword: string, value: unknown, all: Inlining, open: readonly string[]): unknown {
  if (VALUES.has(keyword) || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item: unknown) => inside('items', item, all, open))
  if (!NAMED.has(keyword)) return inlined(value as JsonSchema, all, open)
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, inside('items', member, all, open)]))
}

/** Loaded by the first schema of valibot that is described, and not at every start. */
function library(): typeof import('@valibot/to-json-schema') {
  return createRequire(import.meta.url)('@valibot/to-json-schema') as typeof import('@valibot/to-json-schema')
}
