/**
 * One spelling of what is asked for: guard, router, limiter and log all see the same method, path and fields, or the request ends here.
 * Stops every bypass in which they read it differently: disguised paths (A53, A55–A64), absolute-form targets (A49), HTTP/0.9 (A48),
 * doubled headers (A15, A47), smuggled bodies (A88), header floods (A89), broken escapes (A90), TRACE (A104).
 * Sources: RFC 9112 §3, RFC 9110 §9.1 and §15.6.2, RFC 3986 §7.3; OWASP ASVS 5.0 4.2 (HTTP message structure), CWE-436.
 */
import { defineControl } from '../../engine/control.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { withDefaults } from '../../engine/options.ts'
import { deny, type Reply } from '../../engine/reply.ts'
import { countCookies } from '../../http/cookie.ts'
import { KNOWN_METHODS } from '../../http/method.ts'
import { canonicalTarget } from '../../http/target.ts'
import { checkFields, MAX_FIELDS, type FieldsReason } from './fields.ts'

const MAX_COOKIES = 50
const ALLOW = { allow: [...KNOWN_METHODS].join(', ') }

export const target = defineControl({
  name: 'target',

  /** There are none: a path that two readers may read differently has no safe reading. */
  options: (input: Readonly<Record<string, never>> | undefined) => withDefaults('target', {}, input),

  start({ routes, emit }) {
    /** Without query and fragment: a token in a refused address must not stay in the log. */
    function refuse(x: Exchange, reason: string, reply: Reply): Reply {
      emit({ type: 'malicious_target', data: { reason, target: x.target.split(/[?#]/, 1)[0]!.slice(0, 200) } }, x)
      return reply
    }

    return {
      enter(x) {
        const wrong = checkFields(x.method, x.httpVersion, x.rawHeaders)
        if (wrong !== undefined) return refuse(x, wrong, fieldsReply(wrong))
        if (!KNOWN_METHODS.has(x.method)) return refuse(x, 'method', methodReply(x.method))
        const where = canonicalTarget(x.target)
        if (!where.ok) return refuse(x, where.reason, deny(400, 'bad-target', { reason: where.reason, close: true }))
        if (hasManyCookies(x.header('cookie')))
          return refuse(x, 'too-many-cookies', deny(431, 'too-many-cookies', { reason: `more than ${MAX_COOKIES}` }))
        x.path = where.path
        x.search = where.search
        x.route = routes(x.method, x.path)
        return undefined
      },
    }
  },

  /** The path as it was sent, which is what a guard without this control would look at. */
  off({ routes }) {
    return {
      enter(x) {
        const question = x.target.indexOf('?')
        x.path = question === -1 ? x.target : x.target.slice(0, question)
        x.search = question === -1 ? '' : x.target.slice(question)
        x.route = routes(x.method, x.path)
      },
    }
  },
})

/** A cookie takes two characters at least, so a short field is not worth counting in. */
function hasManyCookies(field: string | undefined): boolean {
  return field !== undefined && field.length > 2 * MAX_COOKIES && countCookies(field) > MAX_COOKIES
}

/** The connection ends as well: where one message stops and the next begins is no longer agreed on. */
function fieldsReply(reason: FieldsReason): Reply {
  if (reason === 'too-many-headers') return deny(431, 'too-many-headers', { reason: `more than ${MAX_FIELDS}`, close: true })
  return deny(400, reason === 'duplicate-header' ? reason : 'bad-request', { reason, close: true })
}

/** TRACE would echo credentials to script, CONNECT would make a tunnel of us; all others we do not know (RFC 9110 §15.6.2). */
function methodReply(method: string): Reply {
  if (method === 'TRACE' || method === 'CONNECT') return deny(405, 'method-not-allowed', { head: ALLOW, close: true })
  return deny(501, 'method-unknown', { head: ALLOW, close: true })
}
