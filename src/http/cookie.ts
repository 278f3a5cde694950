/**
 * Cookies: read exactly one without being fooled by a second, write one without letting a value add an attribute.
 * Stops cookie tossing, shadowing of `__Host-` names by lenient parsing, and Set-Cookie injection.
 * Sources: RFC 6265 §4.1.1 and §5.4, RFC 6265bis §4.1.3 (prefixes), §5.6 (limits); OWASP Session Management Cheat Sheet.
 */
import { describeCode, isAlphanumericCode, lowerCode } from './ascii.ts'
import { isToken } from './field.ts'

export type CookieReason = 'missing' | 'duplicate' | 'shadow' | 'malformed'
export type CookieResult = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly reason: CookieReason }

export interface CookieAttributes {
  /** Starts with "/". `__Host-` names need exactly "/". */
  readonly path: string
  /** A plain host name without a leading dot. Left out: only the host that set it. */
  readonly domain?: string
  /** Seconds, a whole number from 0 to 34 560 000 (400 days: user agents cut off more). */
  readonly maxAge?: number
  readonly expires?: Date
  readonly secure: boolean
  readonly httpOnly: boolean
  /** `none` needs `secure`. */
  readonly sameSite: 'strict' | 'lax' | 'none'
  /** Its own jar per top-level site (CHIPS); needs `secure`. */
  readonly partitioned?: boolean
}

const MISSING: CookieResult = { ok: false, reason: 'missing' }
const DUPLICATE: CookieResult = { ok: false, reason: 'duplicate' }
const SHADOW: CookieResult = { ok: false, reason: 'shadow' }
const MALFORMED: CookieResult = { ok: false, reason: 'malformed' }

const MAX_AGE = 400 * 24 * 60 * 60
const MAX_PAIR = 4096
const MAX_ATTRIBUTE = 1024
const SAME_SITE = { strict: 'Strict', lax: 'Lax', none: 'None' } as const

const SPACE = 0x20
const SEMICOLON = 0x3b
const EQUALS = 0x3d

/**
 * The value of the cookie `name` in a Cookie header: one pass, no map, nothing decoded.
 *
 * Refused rather than chosen among: the name twice (`duplicate`); a pair that some parser would take for it (`shadow`): other
 * case, spaces, NBSP, quotes or controls around or inside the name, or a nameless cookie (`=__Host-sid=x`); a value that is
 * quoted or holds anything but cookie-octets, or no "=" at all (`malformed`).
 */
export function readCookie(header: string | undefined, name: string): CookieResult {
  if (header === undefined) return MISSING
  let value: string | undefined
  for (let start = 0; start < header.length;) {
    let end = header.indexOf(';', start)
    if (end === -1) end = header.length
    const first = header.charCodeAt(start) === SPACE ? start + 1 : start
    const equals = first + name.length
    if (equals < end && header.charCodeAt(equals) === EQUALS && header.startsWith(name, first)) {
      if (value !== undefined) return DUPLICATE
      if (!isCookieValue(header, equals + 1, end)) return MALFORMED
      value = header.slice(equals + 1, end)
    } else if (resembles(header, start, end, name)) {
      return equals === end && header.startsWith(name, first) ? MALFORMED : SHADOW
    }
    start = end + 1
  }
  return value === undefined ? MISSING : { ok: true, value }
}

/** How many cookies a Cookie header carries; blank pieces between semicolons are not counted. */
export function countCookies(header: string | undefined): number {
  if (header === undefined) return 0
  let count = 0
  for (let start = 0; start < header.length;) {
    let end = header.indexOf(';', start)
    if (end === -1) end = header.length
    while (start < end && header.charCodeAt(start) === SPACE) start++
    if (start < end) count++
    start = end + 1
  }
  return count
}

/**
 * A Set-Cookie value. Throws a TypeError on a name that is no token, a value with anything but cookie-octets, an attribute that
 * could end its field or is above the size user agents keep, and on a broken promise: `__Host-` (Secure, Path=/, no Domain),
 * `__Secure-` (Secure), `__Http-` and `__Host-Http-` (HttpOnly as well), SameSite=None or Partitioned without Secure.
 */
export function serializeCookie(name: string, value: string, attributes: CookieAttributes): string {
  const { path, domain, maxAge, expires, secure, httpOnly, sameSite, partitioned } = attributes
  if (!isToken(name)) throw new TypeError(`A cookie name must be a token (RFC 6265 §4.1.1); got ${JSON.stringify(name)}.`)
  if (!isCookieValue(value, 0, value.length)) {
    throw new TypeError(
      `Cookie ${name}: the value has characters outside of cookie-octet (RFC 6265 §4.1.1). Encode it, for example as base64url.`,
    )
  }
  if (name.length + value.length > MAX_PAIR)
    throw new TypeError(`Cookie ${name}: user agents drop a name and value above ${MAX_PAIR} bytes.`)
  assertPath(name, path)
  assertPrefix(name, attributes)

  let text = `${name}=${value}; Path=${path}`
  if (domain !== undefined) text += `; Domain=${assertDomain(name, domain)}`
  if (maxAge !== undefined) text += `; Max-Age=${assertMaxAge(name, maxAge)}`
  if (expires !== undefined) text += `; Expires=${assertExpires(name, expires)}`
  if (secure) text += '; Secure'
  if (httpOnly) text += '; HttpOnly'
  if (!Object.hasOwn(SAME_SITE, sameSite)) {
    throw new TypeError(`Cookie ${name}: sameSite must be "strict", "lax" or "none"; got ${JSON.stringify(sameSite)}.`)
  }
  text += `; SameSite=${SAME_SITE[sameSite]}`
  return partitioned === true ? `${text}; Partitioned` : text
}

/** A Set-Cookie value that deletes the cookie. Path, domain and partition must be those it was set with. */
export function expireCookie(name: string, attributes: CookieAttributes): string {
  return serializeCookie(name, '', { ...attributes, maxAge: 0, expires: new Date(0) })
}

/**
 * Whether some parser could take the pair for `name`. Characters that parsers trim or skip are stepped over, and a leading "="
 * (a nameless cookie, whose value then starts with our name) as well.
 */
function resembles(header: string, start: number, end: number, name: string): boolean {
  let index = start
  while (index < end && (isNoise(header.charCodeAt(index)) || header.charCodeAt(index) === EQUALS)) index++
  let matched = 0
  for (; index < end; index++) {
    const code = header.charCodeAt(index)
    if (code === EQUALS) break
    if (isNoise(code)) continue
    if (matched === name.length || lowerCode(code) !== lowerCode(name.charCodeAt(matched))) return false
    matched++
  }
  return matched === name.length
}

/**
 * Controls, space, the double quote, and all that is not ASCII: Node hands header bytes over as Latin-1, so NBSP is one or two
 * of these characters.
 */
function isNoise(code: number): boolean {
  return code <= SPACE || code >= 0x7f || code === 0x22
}

/** cookie-octet: visible ASCII without the double quote, comma, semicolon and backslash. */
function isCookieValue(text: string, start: number, end: number): boolean {
  for (let index = start; index < end; index++) {
    const code = text.charCodeAt(index)
    if (code <= SPACE || code >= 0x7f || code === 0x22 || code === 0x2c || code === SEMICOLON || code === 0x5c) return false
  }
  return true
}

// User agents end the path at a ";"; a space or another script is spelled differently by each of them.
function assertPath(name: string, path: string): void {
  if (!path.startsWith('/')) throw new TypeError(`Cookie ${name}: the path must start with "/"; got ${JSON.stringify(path)}.`)
  if (path.length > MAX_ATTRIBUTE) throw new TypeError(`Cookie ${name}: user agents ignore a path above ${MAX_ATTRIBUTE} bytes.`)
  for (let index = 0; index < path.length; index++) {
    const code = path.charCodeAt(index)
    if (code > SPACE && code < 0x7f && code !== SEMICOLON) continue
    throw new TypeError(`Cookie ${name}: ${describeCode(code)} is not allowed in the path. Percent-encode it.`)
  }
}

// User agents compare prefixes without regard to case (RFC 6265bis §5.7), so we do too.
function assertPrefix(name: string, { path, domain, secure, httpOnly, sameSite, partitioned }: CookieAttributes): void {
  const folded = name.toLowerCase()
  const host = folded.startsWith('__host-')
  const http = folded.startsWith('__http-') || folded.startsWith('__host-http-')
  if ((host || http || folded.startsWith('__secure-')) && !secure)
    throw new TypeError(`Cookie ${name}: its prefix needs secure: true.`)
  if (host && path !== '/') throw new TypeError(`Cookie ${name}: __Host- needs path "/"; got ${JSON.stringify(path)}.`)
  if (host && domain !== undefined) throw new TypeError(`Cookie ${name}: __Host- allows no domain; leave it out.`)
  if (http && !httpOnly) throw new TypeError(`Cookie ${name}: its prefix needs httpOnly: true.`)
  if (sameSite === 'none' && !secure) throw new TypeError(`Cookie ${name}: sameSite "none" needs secure: true.`)
  if (partitioned === true && !secure) throw new TypeError(`Cookie ${name}: partitioned needs secure: true.`)
}

function assertDomain(name: string, domain: string): string {
  const fits = domain.length > 0 && domain.length <= 253 && !domain.startsWith('.') && !domain.endsWith('.')
  for (let index = 0; index < domain.length; index++) {
    const code = domain.charCodeAt(index)
    if (fits && (isAlphanumericCode(code) || code === 0x2d || code === 0x2e)) continue
    throw new TypeError(
      `Cookie ${name}: the domain must be a plain host name such as "example.com"; got ${JSON.stringify(domain)}.`,
    )
  }
  if (!fits) throw new TypeError(`Cookie ${name}: the domain must not be empty; leave it out instead.`)
  return domain
}

function assertMaxAge(name: string, maxAge: number): number {
  if (Number.isInteger(maxAge) && maxAge >= 0 && maxAge <= MAX_AGE) return maxAge
  throw new TypeError(`Cookie ${name}: maxAge must be whole seconds from 0 to ${MAX_AGE} (400 days); got ${maxAge}.`)
}

function assertExpires(name: string, expires: Date): string {
  if (Number.isNaN(expires.getTime())) throw new TypeError(`Cookie ${name}: expires is not a valid date.`)
  return expires.toUTCString()
}
