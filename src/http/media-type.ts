/**
 * Media types (Content-Type): the parser that picks the validator is the one that picks the body parser.
 * Stops `text/plain; application/json`, tabs, stray semicolons, case and doubled parameters that make two parsers disagree.
 * Sources: RFC 9110 §8.3.1 and §5.6.6, RFC 6838 §4.2; CWE-436.
 */
import { isTokenCode } from './ascii.ts'
import { quotedEnd, unquote } from './quoted-string.ts'

export type MediaTypeReason = 'missing' | 'too-long' | 'malformed' | 'duplicate-parameter'

export interface MediaType {
  readonly ok: true
  /** "application/json": lower case, without parameters. */
  readonly type: string
  /** In lower case, such as "utf-8". */
  readonly charset?: string
  /** By lower-case name, without a prototype; values as they were sent. */
  readonly parameters: Readonly<Record<string, string>>
}

export type MediaTypeResult = MediaType | { readonly ok: false; readonly reason: MediaTypeReason }

const MAX_LENGTH = 512
const SPACE = 0x20

const refuse = (reason: MediaTypeReason): MediaTypeResult => ({ ok: false, reason })

const known = (type: string, charset?: string): MediaType => {
  const parameters: Record<string, string> = Object.create(null)
  if (charset === undefined) return Object.freeze({ ok: true, type, parameters: Object.freeze(parameters) })
  parameters['charset'] = charset
  return Object.freeze({ ok: true, type, charset: charset.toLowerCase(), parameters: Object.freeze(parameters) })
}

// What nearly every request sends, spelled as user agents and the usual clients spell it.
const COMMON: ReadonlyMap<string, MediaType> = new Map(
  ['application/json', 'application/x-www-form-urlencoded', 'text/plain'].flatMap((type): [string, MediaType][] => [
    [type, known(type)],
    [`${type}; charset=utf-8`, known(type, 'utf-8')],
    [`${type};charset=utf-8`, known(type, 'utf-8')],
    [`${type}; charset=UTF-8`, known(type, 'UTF-8')],
    [`${type};charset=UTF-8`, known(type, 'UTF-8')],
  ]),
)

/**
 * The type in lower case with its parameters. Stricter than the grammar in three places where parsers are known to differ: a tab,
 * an empty parameter ("a/b;") and a parameter sent twice are refused.
 */
export function parseMediaType(value: string | undefined): MediaTypeResult {
  if (value === undefined || value === '') return refuse('missing')
  const common = COMMON.get(value)
  if (common !== undefined) return common
  if (value.length > MAX_LENGTH) return refuse('too-long')

  const slash = tokenEnd(value, 0)
  if (slash === 0 || value.charCodeAt(slash) !== 0x2f) return refuse('malformed')
  const end = tokenEnd(value, slash + 1)
  if (end === slash + 1) return refuse('malformed')

  const parameters: Record<string, string> = Object.create(null)
  for (let index = end; index < value.length;) {
    const semicolon = skipSpaces(value, index)
    if (value.charCodeAt(semicolon) !== 0x3b) return refuse('malformed')
    const start = skipSpaces(value, semicolon + 1)
    const equals = tokenEnd(value, start)
    if (equals === start || value.charCodeAt(equals) !== 0x3d) return refuse('malformed')
    const quoted = value.charCodeAt(equals + 1) === 0x22
    const stop = quoted ? quotedEnd(value, equals + 1) : tokenEnd(value, equals + 1)
    if (stop <= equals + 1) return refuse('malformed')
    const name = value.slice(start, equals).toLowerCase()
    if (parameters[name] !== undefined) return refuse('duplicate-parameter')
    parameters[name] = quoted ? unquote(value, equals + 1, stop) : value.slice(equals + 1, stop)
    index = stop
  }
  const type = value.slice(0, end).toLowerCase()
  const charset = parameters['charset']
  return charset === undefined ? { ok: true, type, parameters } : { ok: true, type, charset: charset.toLowerCase(), parameters }
}

/** The index of the first character at or after `start` that is no token character. */
function tokenEnd(value: string, start: number): number {
  let index = start
  while (index < value.length && isTokenCode(value.charCodeAt(index))) index++
  return index
}

// OWS without the tab: some parsers end the type at a tab, others read on.
function skipSpaces(value: string, start: number): number {
  let index = start
  while (value.charCodeAt(index) === SPACE) index++
  return index
}
