/**
 * Whether script of another origin may read our answers. It may not, unless that origin is listed.
 * Stops reflected origins with credentials (A23), `null` (A24), look-alike origins (A25), poisoned caches (A26), private network
 * preflights (A27), slow header lists (A28) and `*` with credentials (A29).
 * Sources: WHATWG Fetch §3.3 (CORS protocol); OWASP HTML5 Security Cheat Sheet "CORS", CWE-942.
 */
import { defineControl } from '../../engine/control.ts'
import { milliseconds, type Duration } from '../../engine/duration.ts'
import type { Exchange } from '../../engine/exchange.ts'
import type { Finding } from '../../engine/finding.ts'
import { invalid, withDefaults } from '../../engine/options.ts'
import { deny, type Reply } from '../../engine/reply.ts'
import { isToken, tokenList } from '../../http/field.ts'
import { KNOWN_METHODS } from '../../http/method.ts'
import { addVary } from '../../http/vary.ts'
import { readOrigins } from './origins.ts'

export interface CorsOptions {
  /** Exact origins, `'https://*.example.com'` for all names below one, or `'*'` alone and without credentials. @default [] (off) */
  readonly origins?: readonly string[]
  /** Methods beyond GET, HEAD and POST. @default [] */
  readonly methods?: readonly string[]
  /** Request headers that script may set. @default ['content-type'] */
  readonly headers?: readonly string[]
  /** Response headers that script may read. @default [] */
  readonly expose?: readonly string[]
  /** Whether cookies come along. The csrf control still decides on everything but reading. @default false */
  readonly credentials?: boolean
  /** How long a browser may remember a preflight, up to `'2h'`. @default '10m' */
  readonly maxAge?: Duration
}

const DEFAULTS: Required<CorsOptions> = {
  origins: [],
  methods: [],
  headers: ['content-type'],
  expose: [],
  credentials: false,
  maxAge: '10m',
}
const SIMPLE_METHODS = ['GET', 'HEAD', 'POST']
const TWO_HOURS = 7_200_000

export const cors = defineControl({
  name: 'cors',

  options(input: CorsOptions | undefined) {
    const options = withDefaults('cors', DEFAULTS, input)
    const origins = readOrigins('cors.origins', options.origins)
    if (origins.any && options.credentials)
      invalid('cors.credentials', true, `With origins: ['*'] every site could read as the signed-in user. List the origins.`)
    const maxAge = milliseconds('cors.maxAge', options.maxAge)
    if (maxAge > TWO_HOURS) invalid('cors.maxAge', options.maxAge, `Browsers keep a preflight for at most '2h'.`)
    for (const method of options.methods)
      if (!KNOWN_METHODS.has(method)) invalid('cors.methods', method, `Known: ${[...KNOWN_METHODS].join(', ')}.`)
    return {
      origins,
      methods: new Set([...SIMPLE_METHODS, ...options.methods]),
      headers: new Set(readNames('cors.headers', options.headers)),
      expose: readNames('cors.expose', options.expose).join(', '),
      credentials: options.credentials,
      maxAge: String(Math.floor(maxAge / 1000)),
    }
  },

  *check({ origins, credentials }): Iterable<Finding> {
    if (!credentials) return
    for (const pattern of origins.patterns)
      yield {
        id: 'HF-CORS-1',
        severity: 'medium',
        what: `cors: every name below ${pattern} may read as the signed-in user.`,
        fix: 'List the origins: one forgotten subdomain in other hands is enough.',
      }
  },

  start({ options: { origins, methods, headers, expose, credentials, maxAge }, site, emit }) {
    const configured = origins.size > 0
    const common: Readonly<Record<string, string>> = credentials ? { 'access-control-allow-credentials': 'true' } : {}
    const preflightHead: Readonly<Record<string, string>> = {
      'access-control-allow-methods': [...methods].join(', '),
      ...(headers.size > 0 && { 'access-control-allow-headers': [...headers].join(', ') }),
      'access-control-max-age': maxAge,
    }

    function refuse(x: Exchange, reason: string): Reply {
      emit({ type: 'malicious_cors', data: { reason, origin: x.header('origin')?.slice(0, 200) } }, x)
      return deny(403, 'cors-refused', { reason })
    }

    function allow(x: Exchange, origin: string): void {
      x.head.set('access-control-allow-origin', origins.any ? '*' : origin)
      for (const name in common) x.head.set(name, common[name]!)
    }

    function preflight(x: Exchange, origin: string): Reply {
      if (!methods.has(x.header('access-control-request-method')!)) return refuse(x, 'method')
      const asked = tokenList(x.header('access-control-request-headers') ?? '')
      if (asked === undefined || asked.some((name) => !headers.has(name))) return refuse(x, 'headers')
      allow(x, origin)
      return { status: 204, head: preflightHead, body: '' }
    }

    return {
      enter(x) {
        if (configured) x.head.set('vary', addVary(x.head.get('vary'), 'Origin'))
        const origin = x.header('origin')
        if (origin === undefined || origin === site.origin) return undefined
        const isPreflight = x.method === 'OPTIONS' && x.header('access-control-request-method') !== undefined
        if (configured && (origins.any ? origin !== 'null' : origins.has(origin))) {
          if (isPreflight) return preflight(x, origin)
          allow(x, origin)
          if (expose !== '') x.head.set('access-control-expose-headers', expose)
          return undefined
        }
        if (isPreflight) return refuse(x, 'origin')
        // Not refused: without our headers the browser keeps the answer from the script, and the csrf control judges what acts.
        emit({ type: 'malicious_cors', data: { reason: 'origin', origin: origin.slice(0, 200) } }, x)
        return undefined
      },
    }
  },
})

/** Field names in lower case. `*` is refused: it allows everything, and nothing when credentials come along. */
function readNames(option: string, names: readonly string[]): string[] {
  if (!Array.isArray(names)) invalid(option, names, `Give a list such as ['x-total'].`)
  return names.map((name) => {
    if (typeof name !== 'string' || !isToken(name) || name === '*') invalid(option, name, 'Write the name of one header.')
    return name.toLowerCase()
  })
}
