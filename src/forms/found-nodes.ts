/** JSON Schema as three libraries write it, brought into one form; and the keywords that are understood. */
import { HoldfastError } from '../engine/errors.ts'
import type { JsonSchema } from '../http/openapi.ts'

/** A member without `null`, and whether it may be that. */
export interface Normalised {
  readonly node: JsonSchema
  readonly nullable: boolean
}

/** They say nothing about what is taken. */
const WORDS = [
  'type',
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  'id',
  '$id',
  '$comment',
]
/** What the schema asks of single values by itself, once they are of the kind that the field took. */
const SINGLE = ['enum', 'const', 'allOf', 'not', 'autocomplete']
const RANGE = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']

const KEYWORDS: Readonly<Record<string, readonly string[]>> = {
  string: [...SINGLE, 'format', 'pattern', 'minLength', 'maxLength', 'contentEncoding', 'contentMediaType'],
  number: [...SINGLE, ...RANGE],
  integer: [...SINGLE, ...RANGE],
  boolean: SINGLE,
  array: ['items', 'minItems', 'maxItems', 'uniqueItems'],
  object: ['properties', 'required', 'additionalProperties', 'minProperties', 'maxProperties'],
}

/** What changes which members there are. Others are refused for being unknown. */
const WHY: Readonly<Record<string, string>> = {
  additionalProperties: 'it takes members that nobody named',
  patternProperties: 'it takes members that nobody named',
  propertyNames: 'it takes members that nobody named',
  prefixItems: 'each of its places has another kind',
}

/** Throws for a keyword that would be passed over. */
export function refuseKeywords(path: string, node: JsonSchema): void {
  const known = [...WORDS, ...(KEYWORDS[String(node['type'])] ?? [])]
  for (const [keyword, value] of Object.entries(node)) {
    const named = keyword !== 'additionalProperties' || value === false
    if ((known.includes(keyword) && named) || keyword.startsWith('x-')) continue
    const why = WHY[keyword] ?? `its keyword "${keyword}" is not understood`
    refuse(path, why, 'Name every member and give it a kind; keywords of your own begin with "x-".')
  }
}

/** Throws for a member that no kind of field takes. */
export function refuseLeaf(path: string, node: JsonSchema): never {
  if (node['format'] === 'binary')
    refuse(
      path,
      'it is a file',
      `Take it out of the schema, and give it beside: more: { picture: file({ label: 'Picture', … }) }.`,
    )
  const several = ['oneOf', 'anyOf', 'allOf', 'not', 'if'].find((keyword) => node[keyword] !== undefined)
  if (several !== undefined)
    refuse(
      path,
      `it is one of several things ("${several}")`,
      'Make it one object with optional members, and check in the schema what belongs together; or read each by a form of its own.',
    )
  const words = `Say it by what is sent, a day for example by v.pipe(v.string(), v.isoDate()); or name its kind: fields: { name: { kind: 'text' } }.`
  refuse(path, node['type'] === undefined ? 'JSON Schema has no words for it' : `it is of type ${String(node['type'])}`, words)
}

export function refuse(path: string, why: string, fix: string): never {
  throw new HoldfastError('HF_OPTION_INVALID', `${path} cannot be shown as a field: ${why}.`, { fix })
}

/** `null` is said beside the kind; what can be chosen is one list, however it was written. */
export function normalised(given: JsonSchema): Normalised {
  const { anyOf, type, ...rest } = given
  const types = [type].flat().filter((name) => name !== undefined)
  if (types.includes('null')) {
    const others = types.filter((name) => name !== 'null')
    return { node: typed({ ...given, type: others.length === 1 ? others[0] : others }), nullable: true }
  }
  if (Array.isArray(given['enum']) && given['enum'].includes(null))
    return { node: typed({ ...given, enum: given['enum'].filter((value) => value !== null) }), nullable: true }
  if (!Array.isArray(anyOf)) return { node: typed(given), nullable: false }
  const branches = anyOf as readonly JsonSchema[]
  const others = branches.filter((branch) => branch['type'] !== 'null' && branch['const'] !== null)
  const nullable = others.length < branches.length
  if (others.length === 1) return { node: typed({ ...others[0], ...rest }), nullable }
  const values = others.flatMap((branch) =>
    'const' in branch ? [branch['const']] : ((branch['enum'] ?? [undefined]) as unknown[]),
  )
  const chosen = values.every((value) => typeof value === 'string')
  return { node: chosen ? { ...rest, type: 'string', enum: values } : { ...rest, anyOf: others }, nullable }
}

/** Values without a type tell it. */
function typed(node: JsonSchema): JsonSchema {
  if (node['type'] !== undefined) return node
  const values: readonly unknown[] = Array.isArray(node['enum']) ? node['enum'] : 'const' in node ? [node['const']] : []
  const kinds = new Set(values.map((value) => typeof value))
  const [kind] = kinds
  return kinds.size === 1 && (kind === 'string' || kind === 'boolean' || kind === 'number') ? { ...node, type: kind } : node
}
