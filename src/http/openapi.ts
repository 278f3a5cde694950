/**
 * What programs may do at an address, said where it is done; the description of the whole API is made of these.
 * Source: OpenAPI 3.1.1, "Operation Object"; JSON Schema 2020-12.
 */

/** A JSON Schema (2020-12), as a literal. */
export type JsonSchema = { readonly [keyword: string]: unknown }

/** What is answered with one status. */
export interface OperationAnswer {
  /** As a sentence. */
  readonly what: string
  /** Of the JSON body; absent when there is none. A refusal is always problem details (RFC 9457) and needs no schema. */
  readonly schema?: JsonSchema
}

/** One method at one path. */
export interface Operation {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** As in the address: `/login`. What varies stands in braces: `/account/keys/{id}`. */
  readonly path: string
  /** Unique, in camel case: `signInWithPassword`. */
  readonly id: string
  /** What it does, as a sentence. */
  readonly what: string
  /** Who may: everybody, a session, or a key. */
  readonly as: 'anybody' | 'session' | 'api-key'
  /** Of the JSON body. */
  readonly body?: JsonSchema
  /** By name: of the address's braces, and behind the question mark. */
  readonly parameters?: Readonly<
    Record<
      string,
      { readonly in: 'path' | 'query'; readonly what: string; readonly required?: boolean; readonly schema?: JsonSchema }
    >
  >
  /** By status. */
  readonly answers: Readonly<Record<number, OperationAnswer>>
}

/** An object schema whose members are all there and that has no others. */
export function objectOf(properties: Readonly<Record<string, JsonSchema>>, optional: readonly string[] = []): JsonSchema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name))
  return { type: 'object', properties, required, additionalProperties: false }
}

/** The answer of what gives nothing back. */
export const DONE: OperationAnswer = { what: 'Done.', schema: objectOf({ ok: { const: true } }) }

/** What the description is about. */
export interface Api {
  readonly title: string
  readonly version: string
  /** `https://app.example`. */
  readonly origin: string
  /** Name of the cookie that holds the session. */
  readonly cookie: string
  readonly operations: readonly Operation[]
}

/** What may be answered to any operation, besides what it says itself. */
const ALWAYS: Readonly<Record<number, string>> = {
  400: 'The request cannot be read.',
  403: 'Refused: not shown to come from a page of this site, or not permitted.',
  413: 'The body is too large.',
  415: 'The body is of another type than JSON.',
  429: 'Too many requests; `Retry-After` says when to try again.',
  500: 'A fault; `instance` is its id in the log.',
}
const NEEDS_SIGN_IN = 'A sign-in is needed, or a newer proof of who it is.'

/** Problem details, as every refusal has them (RFC 9457). */
const PROBLEM: JsonSchema = {
  type: 'object',
  description: 'Problem details (RFC 9457). `code` is stable and for programs.',
  properties: {
    type: { const: 'about:blank' },
    title: { type: 'string' },
    status: { type: 'integer', minimum: 400, maximum: 599 },
    code: { type: 'string' },
    instance: { type: 'string', description: "The request's id, as it stands in the log." },
  },
  required: ['type', 'title', 'status', 'code'],
}

/** The document of OpenAPI 3.1. Throws for two operations of one id, or of one method at one path. */
export function describeApi({ title, version, origin, cookie, operations }: Api): JsonSchema {
  const paths: Record<string, Record<string, unknown>> = {}
  const ids = new Set<string>()
  for (const operation of operations) {
    const { id, path, method } = operation
    const methods = (paths[path] ??= {})
    if (ids.has(id) || methods[method] !== undefined) throw new Error(`The operation ${id} (${method} ${path}) stands twice.`)
    ids.add(id)
    methods[method] = describeOperation(operation)
  }
  return {
    openapi: '3.1.0',
    info: { title, version, description: 'Send `Content-Type: application/json`, and `Origin` with every method but GET.' },
    servers: [{ url: origin }],
    paths,
    components: {
      schemas: { Problem: PROBLEM },
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: cookie },
        key: { type: 'http', scheme: 'bearer', description: 'An API key, or an access token.' },
      },
    },
  }
}

function describeOperation({ id, what, as, body, parameters = {}, answers, method }: Operation): JsonSchema {
  const said: Readonly<Record<number, OperationAnswer>> = Object.fromEntries([
    ...Object.entries(ALWAYS).map(([status, words]) => [status, { what: words }]),
    ...(as === 'anybody' ? [] : [[401, { what: NEEDS_SIGN_IN }]]),
    ...Object.entries(answers),
  ])
  return {
    operationId: id,
    summary: what,
    security: as === 'anybody' ? [] : [as === 'session' ? { session: [] } : { key: [] }],
    ...(Object.keys(parameters).length > 0 && {
      parameters: Object.entries(parameters).map(
        ([name, { in: where, what: words, required = where === 'path', schema = { type: 'string' } }]) => ({
          name,
          in: where,
          description: words,
          required,
          schema,
        }),
      ),
    }),
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    ...(method !== 'get' &&
      body === undefined && { requestBody: { required: false, content: { 'application/json': { schema: {} } } } }),
    responses: Object.fromEntries(
      Object.entries(said).map(([status, answer]) => [status, describeAnswer(Number(status), answer)]),
    ),
  }
}

function describeAnswer(status: number, { what, schema }: OperationAnswer): JsonSchema {
  const problem = status >= 400 ? { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } : undefined
  const content = schema === undefined ? problem : { 'application/json': { schema } }
  return { description: what, ...(content && { content }) }
}
