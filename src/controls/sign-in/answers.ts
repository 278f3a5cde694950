/** What the doors answer programs, as schemas. */
import { objectOf, type OperationAnswer } from '../../http/openapi.ts'

/** The session is in the cookie; `next` is a path of this site. */
export const SIGNED_IN: OperationAnswer = {
  what: 'Signed in; the cookie holds the session.',
  schema: objectOf({ ok: { const: true }, next: { type: 'string' } }),
}
