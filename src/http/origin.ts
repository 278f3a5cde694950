/**
 * The Origin field: exactly one serialised origin, compared as a whole string.
 * Stops origin checks that pass a suffix, another scheme, another port, `null` or the first of two joined values.
 * Sources: RFC 6454 §6.2 and §7.1, WHATWG Fetch "Origin header"; OWASP Cross-Site Request Forgery Prevention Cheat Sheet.
 */
import { parseHost } from './host.ts'
import type { HostReason } from './host.ts'

export type OriginReason = HostReason | 'null' | 'multiple' | 'no-scheme' | 'bad-scheme' | 'uppercase'

export type OriginResult =
  | {
      readonly ok: true
      /** "https://app.example", without the port when it is the scheme's own. */
      readonly origin: string
      readonly scheme: string
      readonly hostname: string
      /** As written; `undefined` when it is the scheme's own. */
      readonly port: number | undefined
    }
  | { readonly ok: false; readonly reason: OriginReason }

const MAX_SCHEME = 32
const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ['http', 80],
  ['https', 443],
  ['ws', 80],
  ['wss', 443],
])

const refuse = (reason: OriginReason): OriginResult => ({ ok: false, reason })

/**
 * A serialised origin: scheme "://" host [ ":" port ] in lower case and nothing else.
 * Refused: `null`, two values joined by a comma, a path or even a trailing slash, userinfo, upper case, other scripts.
 */
export function parseOrigin(value: string): OriginResult {
  if (value.length === 0) return refuse('empty')
  if (value === 'null') return refuse('null')
  if (value.includes(',')) return refuse('multiple')
  const colon = value.indexOf(':')
  if (colon < 1 || colon > MAX_SCHEME || !value.startsWith('//', colon + 1)) return refuse('no-scheme')
  if (!isScheme(value, colon)) return refuse('bad-scheme')

  const host = parseHost(value.slice(colon + 3))
  if (!host.ok) return refuse(host.reason)
  const scheme = value.slice(0, colon)
  const port = host.port === DEFAULT_PORTS.get(scheme) ? undefined : host.port
  const origin = port === undefined ? `${scheme}://${host.hostname}` : `${scheme}://${host.hostname}:${port}`
  // Whatever is not already in its one spelling was not written by a user agent.
  if (!value.startsWith(`${scheme}://${host.hostname}`)) return refuse('uppercase')
  return { ok: true, origin, scheme, hostname: host.hostname, port }
}

/**
 * The serialised origin of a URL that the application's owner configured, or `undefined` when it has none.
 * Lenient where `parseOrigin` is strict: upper case, paths and names in other scripts are brought into the one spelling.
 */
export function originOf(url: string | URL): string | undefined {
  const parsed = typeof url === 'string' ? URL.parse(url) : url
  return parsed === null || parsed.origin === 'null' ? undefined : parsed.origin
}

/** scheme of RFC 3986 §3.1 in lower case. */
function isScheme(value: string, end: number): boolean {
  for (let index = 0; index < end; index++) {
    const code = value.charCodeAt(index)
    const letter = code >= 0x61 && code <= 0x7a
    const inner = (code >= 0x30 && code <= 0x39) || code === 0x2b || code === 0x2d || code === 0x2e
    if (!letter && (index === 0 || !inner)) return false
  }
  return true
}
