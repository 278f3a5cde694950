/** A form as an operation of the description of the API. Source: OpenAPI 3.1.1, "Operation Object". */
import type { Operation, OperationAnswer } from '../http/openapi.ts'
import type { Form } from './form.ts'

const REFUSED: OperationAnswer = { what: 'Something is wrong with the fields; `errors` says what, each with a JSON pointer.' }

/** What `holdfast.describeApi([…])` takes: the body is the form's, and the answer for what is wrong is added. */
export function operationOf(form: Pick<Form<any, any>, 'jsonSchema'>, operation: Omit<Operation, 'body'>): Operation {
  return { ...operation, body: form.jsonSchema(), answers: { 422: REFUSED, ...operation.answers } }
}
