/** Forms as an operation of the description of the API. Source: OpenAPI 3.1.1, "Operation Object" and "Parameter Object". */
import { invalid } from '../engine/options.ts'
import type { JsonSchema, Operation, OperationAnswer } from '../http/openapi.ts'
import { isGroup, type Fields } from './field.ts'
import type { Form } from './form.ts'

type Described = Pick<Form<any, any>, 'jsonSchema' | 'fields'>
type Parameters = NonNullable<Operation['parameters']>

/** Which form reads what of the request. */
export interface OperationForms {
  readonly body?: Described
  /** What stands behind the question mark. */
  readonly query?: Described
  /** What stands in the braces of the path. */
  readonly params?: Described
}

const REFUSED: OperationAnswer = { what: 'Something is wrong with the fields; `errors` says what, each with a JSON pointer.' }

/** What `holdfast.describeApi([…])` takes: body and parameters are the forms', and the answer for what is wrong is added. */
export function operationOf(forms: Described | OperationForms, operation: Omit<Operation, 'body'>): Operation {
  const { body, query, params }: OperationForms = 'jsonSchema' in forms ? { body: forms } : forms
  const [inPath, inQuery] = [parametersOf('path', params), parametersOf('query', query)]
  const twice = Object.keys(inPath).find((name) => Object.hasOwn(inQuery, name))
  if (twice !== undefined) invalid(`operationOf ${operation.id}`, twice, 'Name it otherwise in the path or in the query.')
  const parameters = { ...inPath, ...inQuery, ...operation.parameters }
  return {
    ...operation,
    ...(body && { body: body.jsonSchema() }),
    ...(Object.keys(parameters).length > 0 && { parameters }),
    answers: { 422: REFUSED, ...operation.answers },
  }
}

/** A parameter for each field, under its whole name; a list is its name several times. Rows have no end of names, and are left out. */
function parametersOf(where: 'path' | 'query', form: Described | undefined): Parameters {
  return Object.fromEntries(parametersIn(form?.fields ?? {}, { where, before: '', must: true }))
}

interface At {
  readonly where: 'path' | 'query'
  readonly before: string
  readonly must: boolean
}

function parametersIn(fields: Fields, { where, before, must }: At): readonly (readonly [string, Parameters[string]])[] {
  return Object.entries(fields).flatMap(([name, field]): readonly (readonly [string, Parameters[string]])[] => {
    const own = `${before}${name}`
    const required = must && field.required
    if (isGroup(field))
      return field.kind === 'rows' ? [] : parametersIn(field.members, { where, before: `${own}.`, must: required })
    if (field.kind === 'end') return []
    // A box that was ticked sends a word.
    const schema: JsonSchema = field.kind === 'checkbox' ? { const: 'on' } : field.json
    return [[own, { in: where, what: field.hint ?? field.label, required: where === 'path' || required, schema }]]
  })
}
