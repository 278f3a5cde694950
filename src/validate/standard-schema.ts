/**
 * What a schema of any library looks like (valibot, zod, arktype, …), and how it is asked for its judgement of a value.
 * Source: Standard Schema 1, https://standardschema.dev
 */

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

/** What a schema takes, and what it makes of that. */
export type InputOf<Of extends StandardSchema<any, any>> = NonNullable<Of['~standard']['types']>['input']
export type OutputOf<Of extends StandardSchema<any, any>> = NonNullable<Of['~standard']['types']>['output']

/** Of a schema, its judgement: what it made of the value, or what is wrong and where: names of members and places in lists. */
export type Judged<Output> =
  | { readonly ok: true; readonly value: Output }
  | { readonly ok: false; readonly issues: readonly { readonly path: readonly string[]; readonly message: string }[] }

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
  // A path may be a kind of list of its own.
  const issues = result.issues.map(({ message, path = [] }) => ({ message, path: Array.from(path, nameOf) }))
  return { ok: false, issues }
}

function nameOf(segment: PropertyKey | { readonly key: PropertyKey }): string {
  return String(typeof segment === 'object' ? segment.key : segment)
}
