/**
 * What a schema of any library looks like (valibot, zod, arktype, …): it judges a value, and some describe it as JSON Schema.
 * Source: Standard Schema 1 and Standard JSON Schema 1, https://standardschema.dev
 */
import type { JsonSchema } from '../http/openapi.ts'

export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] }

export interface StandardIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** The part of the standard that describes: not every library has it. */
interface Describing {
  readonly '~standard': { readonly jsonSchema?: { readonly input?: (options: { readonly target: string }) => JsonSchema } }
}

/** Of a schema, its judgement: what it made of the value, or what is wrong with which member. */
export type Judged<Output> =
  | { readonly ok: true; readonly value: Output }
  | { readonly ok: false; readonly issues: readonly { readonly member: string | undefined; readonly message: string }[] }

/** Whether `value` follows the standard: an object, or a function as arktype's are. */
export function isStandardSchema(value: unknown): value is StandardSchema {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false
  const standard = (value as Partial<StandardSchema>)['~standard']
  return standard?.version === 1 && typeof standard.validate === 'function'
}

/** Asks the schema. It answers at once, or later when one of its rules has to wait. */
export function judge<Output>(schema: StandardSchema<unknown, Output>, value: unknown): Judged<Output> | Promise<Judged<Output>> {
  const result = schema['~standard'].validate(value)
  return result instanceof Promise ? result.then(readResult) : readResult(result)
}

function readResult<Output>(result: StandardResult<Output>): Judged<Output> {
  if (result.issues === undefined) return { ok: true, value: result.value }
  return { ok: false, issues: result.issues.map(({ message, path }) => ({ message, member: firstOf(path) })) }
}

function firstOf(path: StandardIssue['path']): string | undefined {
  const first = path?.[0]
  if (first === undefined) return undefined
  return String(typeof first === 'object' ? first.key : first)
}

/** What the schema takes, as JSON Schema 2020-12. `undefined` where its library cannot say it, or where it has no words for a rule. */
export function describeSchema(schema: StandardSchema<any, any>): JsonSchema | undefined {
  try {
    const described = (schema as Describing)['~standard'].jsonSchema?.input?.({ target: 'draft-2020-12' })
    if (described === undefined) return undefined
    const { $schema: _draft, ...rest } = described
    return rest
  } catch {
    // The standard lets a library throw for what JSON Schema has no words for.
    return undefined
  }
}
