/**
 * Whether those who ask know that they are asking: refuses what another site's page sends with the user's cookie.
 * Stops cross-site request forgery at every method but GET, HEAD and OPTIONS, at sign-in and sign-out, and at WebSockets.
 * Source: OWASP Cross-Site Request Forgery Prevention Cheat Sheet; OWASP ASVS 5.0, 3.5.1 to 3.5.3; Fetch Metadata (W3C).
 */
import { sha256 } from '../../crypto/hash.ts'
import { defineControl } from '../../engine/control.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { Body, FormToken } from '../../engine/facts.ts'
import { checkInsecure } from '../../engine/options.ts'
import { deny, type Reply } from '../../engine/reply.ts'
import { AccessToken } from '../access-tokens/slot.ts'
import { ApiKey } from '../api-keys/slot.ts'
import { Session } from '../session/slot.ts'
import { decide } from './decision.ts'
import { formCookie } from './form-cookie.ts'
import { checkCsrfOptions, readCsrfOptions } from './options.ts'
import { createFormTokens, type Binding, type Signed } from './token.ts'

export type { CsrfOptions } from './options.ts'

const FIELD = '_csrf'
const HEADER = 'x-csrf-token'
const LONGEST_SHOWN = 200

export const csrf = defineControl({
  name: 'csrf',
  needs: [Session],
  gives: [FormToken],
  options: readCsrfOptions,
  check: checkCsrfOptions,
  start({ options, site, keys, random, emit, now }) {
    const { insecureReportOnly } = options
    if (insecureReportOnly) checkInsecure('csrf.insecureReportOnly', insecureReportOnly, now())
    const trusted = new Set(options.trustedOrigins)
    const always = options.tokens === 'always'
    const tokens = createFormTokens(keys, random)
    const form = formCookie(site, random)

    function enter(x: Exchange): Reply | undefined {
      let signed: Signed | undefined
      x.set(FormToken, {
        field: FIELD,
        header: HEADER,
        token: () => write((signed ??= sign(x))),
        visitor: (begin) => visitorOf(x, begin ? form.begin : form.read),
      })
      // No browser adds this field by itself, and no page of another origin may: what it says was meant.
      if (x.get(ApiKey)?.scheme === 'bearer' || x.get(AccessToken)) return undefined
      const decision = decide(x, site.origin, trusted)
      if (decision.verdict === 'refused') return refuse(x, decision.reason)
      if (decision.verdict === 'free' || x.get(ApiKey) || !needsToken(x, decision.verdict)) return undefined
      const sent = sentToken(x)
      if (sent === undefined) return refuse(x, 'token-missing')
      const binding = bindingOf(x, form.read)
      return binding && tokens.verify(binding, sent) ? undefined : refuse(x, 'token-invalid')
    }

    /** Without a cookie of ours there is nothing to abuse: a program that sends no browser's headers is let through. */
    function needsToken(x: Exchange, verdict: 'proven' | 'unknown'): boolean {
      return always || (verdict === 'unknown' && Boolean(x.get(Session)))
    }

    /** What this browser's tokens are bound to: its session, and before sign-in the cookie of its form. */
    function bindingOf(x: Exchange, cookie: (x: Exchange) => string | undefined): Binding | undefined {
      const session = x.get(Session)
      if (session) return ['session', sha256(session.token.reveal())]
      const value = always ? cookie(x) : undefined
      return value === undefined ? undefined : ['form', value]
    }

    /** The session by its public handle, which outlives a new token, and as whom it acts. */
    function visitorOf(x: Exchange, cookie: (x: Exchange) => string | undefined): string | undefined {
      const session = x.get(Session)
      if (session) return `session:${session.session.id}:${session.principal.id}`
      const value = cookie(x)
      return value === undefined ? undefined : `browser:${value}`
    }

    /** What the forms of this answer hide. Such a page is for one reader: it must not be stored. */
    function sign(x: Exchange): Signed | undefined {
      const binding = bindingOf(x, form.begin)
      if (binding === undefined) return undefined
      x.head.set('cache-control', 'no-store')
      return tokens.sign(binding)
    }

    function write(signed: Signed | undefined): string | undefined {
      return signed === undefined ? undefined : tokens.mask(signed)
    }

    function refuse(x: Exchange, reason: string): Reply | undefined {
      const origin = x.header('origin')?.slice(0, LONGEST_SHOWN)
      const fetchSite = x.header('sec-fetch-site')?.slice(0, LONGEST_SHOWN)
      const reportOnly = insecureReportOnly ? true : undefined
      emit({ type: 'malicious_csrf', data: { reason, origin, fetchSite, reportOnly } }, x)
      return reportOnly ? undefined : deny(403, 'csrf-refused', { reason })
    }

    return { enter }
  },
})

/** From the header or the form's field. Sent twice, it is no token. */
function sentToken(x: Exchange): string | undefined {
  const header = x.header(HEADER)
  if (header !== undefined) return header
  const body = x.get(Body)
  if (body?.type !== 'application/x-www-form-urlencoded' || !isRecord(body.value)) return undefined
  const value = body.value[FIELD]
  return typeof value === 'string' ? value : undefined
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
