/** What a form takes in JSON, as JSON Schema 2020-12: from its fields, and from schemas whose library can say it. Source: Standard JSON Schema 1. */
import { objectOf, type JsonSchema } from '../http/openapi.ts'
import { describeSchema } from '../validate/describe.ts'
import type { StandardSchema } from '../validate/standard-schema.ts'
import { isGroup, type Field, type Fields, type Group } from './field.ts'

/** `deepest`: how often the schema may stand in itself. */
export function jsonSchemaOf(fields: Fields, schema: StandardSchema<any, any> | undefined, deepest?: number): JsonSchema {
  return { ...describeFields(fields), ...alsoOf(schema, deepest) }
}

function describeFields(fields: Fields): JsonSchema {
  const shown = Object.entries(fields).filter(([, { kind }]) => kind !== 'file' && kind !== 'files')
  const optional = shown.flatMap(([name, { required }]) => (required ? [] : [name]))
  return objectOf(Object.fromEntries(shown.map(([name, field]) => [name, describeField(field)])), optional)
}

function describeField(field: Field | Group): JsonSchema {
  const { label, hint } = field
  const words = { title: label, ...(hint !== undefined && { description: hint }) }
  return isGroup(field) ? { ...words, ...describeGroup(field) } : { ...words, ...field.json, ...alsoOf(field.schema) }
}

function describeGroup({ kind, members, most, required, nullable }: Group): JsonSchema {
  const object = describeFields(members)
  const own = kind === 'group' ? object : { type: 'array', items: object, maxItems: most, ...(required && { minItems: 1 }) }
  return nullable ? { anyOf: [own, { type: 'null' }] } : own
}

/** What the schema says besides. That others are refused is said once, by the fields: there may be more than the schema knows. */
function alsoOf(schema: StandardSchema<any, any> | undefined, deepest?: number): JsonSchema {
  const described = schema && describeSchema(schema, deepest)
  if (!described?.ok) return {}
  const { additionalProperties: others, ...rest } = described.json
  const said = others === false ? rest : described.json
  return Object.keys(said).length === 0 ? {} : { allOf: [said] }
}
