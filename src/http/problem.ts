/**
 * Problem details: the one shape of every refusal that a program reads.
 * It says what the client may know (status, public code, request id) and nothing about the inside.
 * Sources: RFC 9457 §3 and §4.2.1 (about:blank); OWASP Error Handling Cheat Sheet.
 */
import { http } from './node-http.ts'

/** The media type of `problemJson`. */
export const PROBLEM_TYPE = 'application/problem+json'

export interface Problem {
  /** 400 to 599. */
  readonly status: number
  /** Public, stable, for programs: "rate-limited". */
  readonly code: string
  /** @default the phrase of the status */
  readonly title?: string
  /** For people; never from an error's message. */
  readonly detail?: string
  /** Which occurrence: the request id as a URI reference. */
  readonly instance?: string
  /** Further members, such as `errors` or `retryAfter`. `type` is always about:blank. */
  readonly [extension: string]: unknown
}

/** The JSON text of a problem. Members that are `undefined` are left out. Throws a RangeError for a status that is no error. */
export function problemJson({ status, code, title, detail, instance, ...extensions }: Problem): string {
  if (!Number.isInteger(status) || status < 400 || status > 599)
    throw new RangeError(`A problem has a status from 400 to 599; got ${status}.`)
  return JSON.stringify({
    ...extensions,
    type: 'about:blank',
    title: title ?? http.STATUS_CODES[status] ?? 'Error',
    status,
    code,
    detail,
    instance,
  })
}
