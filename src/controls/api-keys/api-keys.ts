/**
 * Which program asks: an API key in `Authorization`, as Bearer or as the password of Basic, where the application accepts keys.
 * Stops keys in addresses, keys beside a session, guessing, and every use of a key that its owner would not be allowed now.
 * Source: RFC 6750 (Bearer), RFC 7617 (Basic); OWASP REST Security Cheat Sheet; OWASP ASVS 5.0, 14.2.1 and 7.4.2.
 */
import { holdsKey, KEY_PREFIX } from '../../accounts/index.ts'
import { Accounts, type ApiKeyFound } from '../../accounts/types.ts'
import { isAccepted } from '../../engine/accept.ts'
import { defineControl, type Verdict } from '../../engine/control.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { Client, Principal } from '../../engine/facts.ts'
import { deny, type Reply } from '../../engine/reply.ts'
import { AccessToken } from '../access-tokens/slot.ts'
import { sentSession, Session } from '../session/slot.ts'
import { readCredentials, type Credentials } from './credentials.ts'
import { checkApiKeys, readApiKeysOptions, type ApiKeysInput } from './options.ts'
import { ApiKey } from './slot.ts'

export type { ApiKeysInput, ApiKeysOptions } from './options.ts'

/** RFC 6750 §3: one challenge for everything that is wrong with a key. */
const CHALLENGE = { 'www-authenticate': 'Bearer error="invalid_token"' }
const INVALID = deny(401, 'invalid-token', { head: CHALLENGE })
const AMBIGUOUS = deny(400, 'credentials-ambiguous', { reason: 'a key and a session' })
const IN_ADDRESS = deny(400, 'key-in-address', { reason: 'a key in the query' })
const NOT_HERE = deny(403, 'key-not-accepted', { reason: 'a key where none is accepted' })

export const apiKeys = defineControl({
  name: 'apiKeys',
  needs: [Client],
  gives: [ApiKey, Principal],
  options: (input?: ApiKeysInput) => readApiKeysOptions(input),
  check: checkApiKeys,
  start(setting) {
    const { emit } = setting
    const { accept } = setting.options
    const { apiKeys: keys } = setting.use(Accounts)

    function accepts({ route, path }: Exchange): boolean {
      return route.apiKeys ?? isAccepted(accept, path)
    }

    function enter(x: Exchange): Verdict | Promise<Verdict> {
      if (x.search !== '' && holdsKey(x.search)) return refuse(x, 'in-address', IN_ADDRESS)
      const field = x.header('authorization')
      if (field === undefined || x.get(AccessToken)) return undefined
      const sent = readCredentials(field)
      if (sent === undefined || !isForUs(x, sent)) return undefined
      // Before anything is looked at, so that nobody learns here whether a key is valid.
      if (!accepts(x)) return refuse(x, 'not-accepted', NOT_HERE)
      if (sentSession(x) || x.get(Session)) return refuse(x, 'with-session', AMBIGUOUS)
      return look(x, sent)
    }

    /** What is not written like a key belongs to the application, where it may come without one: on public routes, and where no keys are. */
    function isForUs(x: Exchange, { text }: Credentials): boolean {
      return text.startsWith(KEY_PREFIX) || (!x.route.public && accepts(x))
    }

    function look(x: Exchange, sent: Credentials): Verdict | Promise<Verdict> {
      const { address, network, site } = x.need(Client)
      const from = { address, network, site, userAgent: '', exchange: x }
      const found = keys.admit(sent.text, from, x.time)
      return found instanceof Promise ? found.then((later) => settle(x, sent, later)) : settle(x, sent, found)
    }

    function settle(x: Exchange, { scheme, id }: Credentials, found: ApiKeyFound): Verdict {
      if (!found.ok) {
        if (found.reason !== 'throttled') return INVALID
        return deny(429, 'too-many-attempts', { head: { 'retry-after': String(found.retryAfter) } })
      }
      const { key, principal } = found
      if (id !== '' && id !== key.id) return refuse(x, 'other-name', INVALID)
      x.set(ApiKey, { id: key.id, scheme, perMinute: key.perMinute })
      x.set(Principal, principal)
      return undefined
    }

    function refuse(x: Exchange, reason: string, reply: Reply): Reply {
      emit({ type: 'authn_token_fail', data: { reason } }, x)
      return reply
    }

    return { enter }
  },
})
