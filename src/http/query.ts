/**
 * The query of a request target, parsed by the same parser as forms, with limits that fit a URL.
 * Stops query bombs and parameter pollution; one parser for both means that one value cannot be read in two ways.
 * Sources: RFC 3986 §3.4, WHATWG URL §5.1.
 */
import { parseForm } from './form.ts'
import type { FormLimits, FormResult } from './form.ts'

const DEFAULTS: FormLimits = { length: 8192, fields: 100, keyLength: 256, valueLength: 8192 }

/** The fields of "?a=1&b=2"; the leading "?" may be missing. Names and refusals are those of `parseForm`. */
export function parseQuery(search: string, limits: FormLimits = DEFAULTS): FormResult {
  return parseForm(search.charCodeAt(0) === 0x3f ? search.slice(1) : search, limits)
}
