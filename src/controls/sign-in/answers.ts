/** What the doors answer programs, as schemas. */
import { objectOf, type OperationAnswer } from '../../http/openapi.ts'

/** The session is in the cookie; `next` is a path of this site. */
export const SIGNED_IN: OperationAnswer = {
  what: 'Signed in; the cookie holds the session.',
  schema: objectOf({ ok: { const: true }, next: { type: 'string' } }),
}

/** What a browser brings back, for the description of the API: `PublicKeyCredential.toJSON()`. */
export const BROUGHT_BACK = { type: ['object', 'string'], description: 'PublicKeyCredential.toJSON(), or that as text.' }
/** What it is asked. */
export const CEREMONY = objectOf({ publicKey: { type: 'object' } })
