/**
 * Nothing but https, once the origin is https: readers are sent there, credentials and forms that came in the clear are refused.
 * Stops downgrades and credentials on the wire (A51); redirecting a password that was already sent in the clear would hide that it was.
 * Sources: RFC 9110 §15.4.9 (308), RFC 6797 §7.2; OWASP ASVS 5.0 4.1.2 (only user-facing pages redirect), 12.2.1.
 */
import { defineControl } from '../../engine/control.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { Encrypted } from '../../engine/facts.ts'
import { withDefaults } from '../../engine/options.ts'
import { answer, deny, type Reply } from '../../engine/reply.ts'
import { TrustedPeer } from '../client/slot.ts'

/** Cookies with these names are Secure, so a browser does not send them in the clear. */
const SECURE_COOKIE = /__(?:host|secure|http)-/i

export const https = defineControl({
  name: 'https',
  needs: [Encrypted, TrustedPeer],

  /** There are none: whether https is meant is said by `origin`. */
  options: (input: Readonly<Record<string, never>> | undefined) => withDefaults('https', {}, input),

  start({ site, emit }) {
    if (!site.secure) return {}

    function refuse(x: Exchange, reason: string): Reply {
      const hint = undeclaredProxy(x)
      emit({ type: 'input_validation_fail', data: { reason, ...(hint && { hint }) } }, x)
      return deny(403, 'https-required', { reason, close: true })
    }

    return {
      enter(x) {
        if (x.need(Encrypted)) return undefined
        if ((x.method !== 'GET' && x.method !== 'HEAD') || x.upgrade) return refuse(x, 'unsafe-method-in-the-clear')
        if (x.header('authorization') !== undefined || SECURE_COOKIE.test(x.header('cookie') ?? ''))
          return refuse(x, 'credentials-in-the-clear')
        return answer(308, { location: site.origin + x.path + x.search, 'cache-control': 'no-store' })
      },
    }
  },
})

/** The usual mistake behind a redirect without end: the proxy ends TLS and says so, but was never declared. */
function undeclaredProxy(x: Exchange): string | undefined {
  if (x.need(TrustedPeer)) return undefined
  const says = x.header('x-forwarded-proto') ?? x.header('forwarded')
  return says === undefined ? undefined : 'A proxy that is not declared speaks for the client; see client.trustedProxies.'
}
