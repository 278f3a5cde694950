/** What a form takes in JSON, as JSON Schema 2020-12: from its fields, and from schemas whose library can say it. Source: Standard JSON Schema 1. */
import { objectOf, type JsonSchema } from '../http/openapi.ts'
import { describeSchema, type StandardSchema } from '../validate/standard-schema.ts'
import type { Field, Fields } from './field.ts'

export function jsonSchemaOf(fields: Fields, schema: StandardSchema<any, any> | undefined): JsonSchema {
  const shown = Object.entries(fields).filter(([, { kind }]) => kind !== 'file' && kind !== 'files')
  const optional = shown.flatMap(([name, { required }]) => (required ? [] : [name]))
  const own = objectOf(Object.fromEntries(shown.map(([name, field]) => [name, describeField(field)])), optional)
  const whole = schema && describeSchema(schema)
  return whole === undefined ? own : { ...own, allOf: [whole] }
}

function describeField({ label, hint, json, schema }: Field): JsonSchema {
  const more = schema && describeSchema(schema)
  return { title: label, ...(hint !== undefined && { description: hint }), ...json, ...(more && { allOf: [more] }) }
}
