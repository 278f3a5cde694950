/**
 * Content-Security-Policy: compiled once, one concatenation per response.
 * Stops directive injection (a ";" or "," in a value starts another directive or policy) and policies that only look strict: a
 * keyword without quotes is a host name, a directive given twice is ignored, `'none'` beside others means nothing.
 * Sources: W3C CSP Level 3 §2.2.1 (parsing), §2.3.1 (source lists), §6; Trusted Types; OWASP CSP Cheat Sheet, CWE-79.
 */
import { describeCode } from './ascii.ts'

/** Stands in a source list where the nonce of the response belongs. */
export const NONCE = "'nonce'"

/** Values by directive name. `true` is a directive without a value, `false` leaves it out (to switch off a default). */
export type CspDirectives = Readonly<Record<string, readonly string[] | true | false>>

export interface CompiledCsp {
  /** The field value. `nonce` is base64 or base64url, fresh for each response; it is trusted to be that. */
  header(nonce: string): string
}

type Kind = 'sources' | 'flag' | 'sandbox' | 'group' | 'uris' | 'policies' | 'sinks'

const SOURCE_LISTS =
  'child-src connect-src default-src fenced-frame-src font-src frame-src img-src manifest-src media-src object-src script-src script-src-attr ' +
  'script-src-elem style-src style-src-attr style-src-elem worker-src base-uri form-action frame-ancestors'
const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ...SOURCE_LISTS.split(' ').map((name) => [name, 'sources'] as const),
  ['upgrade-insecure-requests', 'flag'],
  ['sandbox', 'sandbox'],
  ['report-to', 'group'],
  ['report-uri', 'uris'],
  ['trusted-types', 'policies'],
  ['require-trusted-types-for', 'sinks'],
])

// CSP Level 3 §2.3.1 keyword-source, `'none'`, and the keywords of Speculation Rules and of Trusted Types.
const KEYWORDS: ReadonlySet<string> = new Set([
  ...['none', 'self', 'strict-dynamic', 'report-sample', 'report-sha256', 'report-sha384', 'report-sha512'],
  ...['unsafe-inline', 'unsafe-eval', 'unsafe-hashes', 'wasm-unsafe-eval', 'trusted-types-eval', 'inline-speculation-rules'],
])
// Characters of the padded base64 text of each digest.
const HASH_LENGTHS: Readonly<Record<string, number>> = { sha256: 44, sha384: 64, sha512: 88 }
const TAKES_NONCE = /^(?:default|script|style)-src/

// Linear: no two neighbouring parts can match the same character.
const HOST_SOURCE = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:\*|(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)(?::(?:\d{1,5}|\*))?(?:\/[^?#]*)?$/i
const SCHEME_SOURCE = /^[a-z][a-z0-9+.-]*:$/i
const POLICY_NAME = /^[A-Za-z0-9\-#=_/@.%]+$/
const GROUP_NAME = /^[A-Za-z0-9_.-]+$/

/**
 * Checks the directives and returns the finished policy. Throws a TypeError for an unknown directive, one given twice in
 * different case, an empty list, characters that could end a value, and sources that do not mean what they seem to.
 *
 * @example compileCsp({ 'default-src': ["'self'"], 'script-src': [NONCE, "'strict-dynamic'"], 'object-src': ["'none'"] })
 */
export function compileCsp(directives: CspDirectives): CompiledCsp {
  const seen = new Set<string>()
  const parts: string[] = []
  for (const [given, value] of Object.entries(directives)) {
    const name = given.toLowerCase()
    const kind = KINDS.get(name)
    if (kind === undefined)
      throw new TypeError(`CSP: there is no directive ${JSON.stringify(given)}. Names are lower-case, such as "script-src".`)
    if (seen.has(name)) throw new TypeError(`CSP: ${name} is given twice; user agents ignore the second. Join them.`)
    seen.add(name)
    if (value === false) continue
    parts.push(value === true ? bare(name, kind) : `${name} ${list(name, kind, value)}`)
  }
  return { header: withNonce(parts.join('; ').split(NONCE)) }
}

/** The function that puts the nonce between the pieces; the usual policies have it once or twice. */
function withNonce(pieces: readonly string[]): (nonce: string) => string {
  const [first = '', second = '', third = ''] = pieces
  if (pieces.length === 1) return () => first
  const open = `${first}'nonce-`
  const close = `'${second}`
  if (pieces.length === 2) return (nonce) => open + nonce + close
  const middle = `'${second}'nonce-`
  const end = `'${third}`
  if (pieces.length === 3) return (nonce) => open + nonce + middle + nonce + end
  return (nonce) => pieces.join(`'nonce-${nonce}'`)
}

function bare(name: string, kind: Kind): string {
  if (kind === 'flag' || kind === 'sandbox') return name
  throw new TypeError(`CSP: ${name} needs a list of values; got true. To forbid everything write ["'none'"].`)
}

function list(name: string, kind: Kind, values: readonly string[]): string {
  if (kind === 'flag') throw new TypeError(`CSP: ${name} has no value; write true.`)
  if (!Array.isArray(values)) throw new TypeError(`CSP: ${name} needs an array of strings, true or false; got ${typeof values}.`)
  if (values.length === 0)
    throw new TypeError(`CSP: ${name} has an empty list. To forbid everything write ["'none'"]; to leave it out write false.`)
  for (const value of values) {
    assertCharacters(name, value)
    const why = CHECKS[kind](value, name)
    if (why !== undefined) throw new TypeError(`CSP: ${name} has ${JSON.stringify(value)}: ${why}`)
  }
  if (values.length > 1 && values.some((value) => value.toLowerCase() === "'none'")) {
    throw new TypeError(`CSP: ${name} has 'none' beside other values, which cancels it. Keep one or the other.`)
  }
  if (kind === 'group' && values.length > 1) throw new TypeError(`CSP: ${name} takes one name; got ${values.length}.`)
  return values.join(' ')
}

// A quote inside a value could spell the placeholder of the nonce.
function assertCharacters(name: string, value: string): void {
  if (typeof value !== 'string' || value === '')
    throw new TypeError(`CSP: ${name} has a value that is no text: ${JSON.stringify(value)}.`)
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index)
    const inside = index > 0 && index < value.length - 1
    if (code > 0x20 && code < 0x7f && code !== 0x3b && code !== 0x2c && !(code === 0x27 && inside)) continue
    throw new TypeError(
      `CSP: ${name} has ${describeCode(code)} in ${JSON.stringify(value)}, which would end the value. Percent-encode it.`,
    )
  }
}

/** For each kind of directive: what is wrong with one value, or `undefined`. */
const CHECKS: Readonly<Record<Kind, (value: string, name: string) => string | undefined>> = {
  sources: checkSource,
  flag: () => 'it has no value; write true.',
  sandbox: (value) => (/^allow-[a-z-]+$/.test(value) ? undefined : 'sandbox takes tokens such as "allow-forms".'),
  group: (value) => (GROUP_NAME.test(value) ? undefined : 'a group name has letters, digits, "_", "." and "-".'),
  uris: (value) => (!value.startsWith("'") && URL.canParse(value, 'https://policy.invalid') ? undefined : 'it is no URL.'),
  policies: (value) => {
    if (value === "'none'" || value === "'allow-duplicates'" || value === '*') return undefined
    return POLICY_NAME.test(value) ? undefined : 'a Trusted Types policy name has letters, digits and "-#=_/@.%".'
  },
  sinks: (value) => (value === "'script'" ? undefined : `write "'script'".`),
}

/** What is wrong with one member of a source list: it would be ignored, or it would mean something else. */
function checkSource(value: string, name: string): string | undefined {
  if (value === NONCE) return TAKES_NONCE.test(name) ? undefined : 'a nonce has no effect in this directive.'
  if (value.startsWith("'")) return checkQuoted(value)
  const lower = value.toLowerCase()
  if (KEYWORDS.has(lower) || lower.startsWith('nonce-') || /^sha(?:256|384|512)-/.test(lower)) {
    return `without quotes it is a host name. Write "'${value}'".`
  }
  return SCHEME_SOURCE.test(value) || HOST_SOURCE.test(value)
    ? undefined
    : 'it is neither a scheme ("https:") nor a host ("https://cdn.example").'
}

function checkQuoted(value: string): string | undefined {
  const inner = value.slice(1, -1)
  if (!value.endsWith("'") || value.length < 3) return 'the quotes do not match.'
  if (KEYWORDS.has(inner.toLowerCase())) return undefined
  if (inner.toLowerCase().startsWith('nonce-')) return 'a fixed nonce protects nothing. Use the constant NONCE.'
  const [algorithm = '', digest = ''] = inner.split(/-(.*)/s)
  if (HASH_LENGTHS[algorithm] === digest.length && /^[A-Za-z0-9+/_-]+={0,2}$/.test(digest)) return undefined
  return 'there is no such keyword or hash.'
}
