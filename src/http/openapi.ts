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
    Record<string, { readonly in: 'path' | 'query'; readonly what: string; readonly required?: boolean }>
  >
  /** By status. */
  readonly answers: Readonly<Record<number, OperationAnswer>>
}

/** An object schema whose members are all there and that has no others. */
export function objectOf(properties: Readonly<Record<string, JsonSchema>>, optional: readonly string[] = []): JsonSchema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name))
  return { type: 'object', properties, required, additionalProperties: false }
}
