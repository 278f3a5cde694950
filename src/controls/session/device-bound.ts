/**
 * Sessions that are bound to a device, in browsers that can: the session's cookie counts only beside a second one that lives for minutes,
 * and the next of those is given to who signs a challenge with a key that never leaves the device. A stolen cookie dies with it.
 * Source: W3C, Device Bound Session Credentials (editor's draft of February 2026).
 */
import type { Accounts, LiveSession } from '../../accounts/types.ts'
import { sha256 } from '../../crypto/hash.ts'
import type { Setting } from '../../engine/control.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { answer, deny, type Reply } from '../../engine/reply.ts'
import { readCookie, serializeCookie, type CookieAttributes } from '../../http/cookie.ts'
import { sfString } from '../../http/structured.ts'
import { createChallenges } from './challenge.ts'
import { readFirstProof, readProof } from './device-proof.ts'

/** What the session control asks of it. */
export interface DeviceBound {
  /** Whether a session that is bound may be used by this request. */
  accepts(x: Exchange, live: LiveSession): boolean
  /** Asks the browser to bind the session of this token, in the answer that gives it. */
  ask(x: Exchange, token: string): void
  /** Answers at its two addresses; nothing elsewhere. `token`: what the cookie held. */
  serve(x: Exchange, live: LiveSession | undefined, token: string): Promise<Reply> | undefined
}

const PURPOSE = 'session/bound'
const PATHS = { register: '/_holdfast/session/register', refresh: '/_holdfast/session/refresh' } as const
const COOKIE = '__Host-hf_bound'
const ATTRIBUTES: CookieAttributes = { path: '/', secure: true, httpOnly: true, sameSite: 'lax' }
/** Milliseconds that a proof is good for: what a stolen pair of cookies is worth. */
const LIFE = 300_000
/** What the page loads while its browser makes the key has no proof yet. */
const GRACE = 60_000
const REFUSED = deny(400, 'device-proof-refused')
const NOBODY = deny(401, 'sign-in-required')

type Own = Pick<Setting<unknown>, 'keys' | 'once' | 'random' | 'site'>

export function createDeviceBound({ keys, once, random, site }: Own, { deviceKeys }: Accounts): DeviceBound {
  const challenges = createChallenges({ keys, once, random })

  function hold(x: Exchange, id: string): void {
    const until = (x.time + LIFE).toString(36)
    x.cookies.push(serializeCookie(COOKIE, `${until}.${keys.sign(PURPOSE, [id, until])}`, { ...ATTRIBUTES, maxAge: LIFE / 1000 }))
  }

  /** What the browser has to know of the session that it guards. */
  function instructions(x: Exchange, id: string): Reply {
    hold(x, id)
    const body = {
      session_identifier: id,
      refresh_url: PATHS.refresh,
      scope: { origin: site.origin, include_site: false, scope_specification: [] },
      credentials: [{ type: 'cookie', name: COOKIE, attributes: 'Path=/; Secure; HttpOnly; SameSite=Lax' }],
    }
    return answer(200, { 'content-type': 'application/json', 'cache-control': 'no-store' }, JSON.stringify(body))
  }

  async function register(x: Exchange, { session }: LiveSession, token: string): Promise<Reply> {
    const proof = await readFirstProof(x.header('secure-session-response'))
    if (!proof.ok || !(await challenges.spend(proof.challenge, `register ${sha256(token)}`, x.time))) return REFUSED
    return (await deviceKeys.bind(session, proof.key, x)) ? instructions(x, session.id) : REFUSED
  }

  /** 403 with a challenge: the browser signs it and comes again. Any other refusal ends what it knows of the session. */
  async function refresh(x: Exchange, { session }: LiveSession): Promise<Reply> {
    const sent = x.header('secure-session-response')
    const stored = await deviceKeys.of(session)
    if (stored === undefined || unquoted(x.header('sec-secure-session-id')) !== session.id) return REFUSED
    if (sent === undefined) return challenge(x, session.id)
    const proof = await readProof(sent, stored)
    if (!proof.ok) return REFUSED
    if (!(await challenges.spend(proof.challenge, `refresh ${session.id}`, x.time))) return challenge(x, session.id)
    return instructions(x, session.id)
  }

  function challenge(x: Exchange, id: string): Reply {
    const text = challenges.make(`refresh ${id}`, x.time)
    const head = { 'secure-session-challenge': `${sfString(text)};id=${sfString(id)}`, 'cache-control': 'no-store' }
    return answer(403, head)
  }

  return {
    accepts(x, { session, boundAt }) {
      if (boundAt === undefined || x.time - boundAt < GRACE) return true
      const sent = readCookie(x.header('cookie'), COOKIE)
      if (!sent.ok) return false
      const [until = '', ...mac] = sent.value.split('.')
      return x.time < Number.parseInt(until, 36) && keys.verify(PURPOSE, [session.id, until], mac.join('.')).ok
    },

    ask(x, token) {
      const text = challenges.make(`register ${sha256(token)}`, x.time)
      x.head.set('secure-session-registration', `(ES256 RS256);path=${sfString(PATHS.register)};challenge=${sfString(text)}`)
    },

    serve(x, live, token) {
      if (x.method !== 'POST' || (x.path !== PATHS.register && x.path !== PATHS.refresh)) return undefined
      if (live === undefined) return Promise.resolve(NOBODY)
      return x.path === PATHS.register ? register(x, live, token) : refresh(x, live)
    },
  }
}

/** A structured string, or the bare text. */
function unquoted(text: string | undefined): string | undefined {
  return text?.replaceAll('"', '')
}
