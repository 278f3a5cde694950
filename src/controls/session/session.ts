/**
 * Who says they are asking: finds the session that the cookie names, on the server, and keeps the cookie in step with it.
 * Stops fixation, cookie tossing and shadowing, forged and replayed tokens. Nothing is stored for readers without a session.
 * Source: OWASP Session Management Cheat Sheet; OWASP ASVS 5.0 chapter 7; RFC 6265bis.
 */
import { Accounts, type LiveSession, type SessionFound } from '../../accounts/types.ts'
import { Secret } from '../../crypto/secret.ts'
import { defineControl, type Verdict } from '../../engine/control.ts'
import type { EventType } from '../../engine/events.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { Principal, SessionId } from '../../engine/facts.ts'
import { deny, type Reply } from '../../engine/reply.ts'
import { isSafeMethod } from '../../http/method.ts'
import { readCookie, type CookieReason } from '../../http/cookie.ts'
import { sessionCookie } from './cookie.ts'
import { createDeviceBound } from './device-bound.ts'
import { createRestore } from './restore.ts'
import { checkSessionOptions, readSessionOptions, type SessionInput } from './options.ts'
import { NextSession, Session } from './slot.ts'

export { readSessionOptions, type SessionInput, type SessionOptions } from './options.ts'
export { readSessionData, writeSessionData } from './data.ts'

type Refused = Extract<SessionFound, { ok: false }>['reason']

/** What a token that names no living session says about its bearer. */
const EVENT_OF: Readonly<Record<Refused, EventType>> = {
  malformed: 'session_forged',
  unknown: 'session_forged',
  expired: 'session_expired',
  rotated: 'session_expired',
  ended: 'session_use_after_expire',
  'user-disabled': 'session_use_after_expire',
}

const ENDED = deny(403, 'impersonation-ended')

/** Whoever holds two cookies of one name cannot choose which we see; taking all away lets them begin anew. */
const CLEARED = { 'clear-site-data': '"cookies"' }

export const session = defineControl({
  name: 'session',
  gives: [Session, Principal, SessionId],
  options: (input?: SessionInput) => readSessionOptions(input),
  check: checkSessionOptions,
  start(setting) {
    const { site, emit } = setting
    const accounts = setting.use(Accounts)
    const { sessions } = accounts
    const restore = createRestore(accounts, site)
    const cookie = sessionCookie(site)
    // The second cookie can be had over https alone.
    const deviceBound = setting.options.deviceBound && site.secure ? createDeviceBound(setting, accounts) : undefined
    const write = sessions.write.bind(sessions)

    function enter(x: Exchange): Verdict | Promise<Verdict> {
      const sent = readCookie(x.header('cookie'), cookie.name)
      if (!sent.ok) return without(x, sent.reason)
      const found = sessions.find(sent.value, x.time)
      if (found instanceof Promise) return found.then((later) => serve(x, sent.value, later))
      return serve(x, sent.value, found)
    }

    /** A device that proves itself has no proof yet: it is answered before the session is asked for one. */
    function serve(x: Exchange, token: string, found: SessionFound): Verdict | Promise<Verdict> {
      return deviceBound?.serve(x, found.ok ? found : undefined, token) ?? settle(x, token, found)
    }

    function without(x: Exchange, reason: CookieReason): Reply | Promise<void> | undefined {
      anonymous(x)
      if (reason === 'missing') return restored(x)
      emit({ type: 'session_forged', data: { reason: `cookie-${reason}` } }, x)
      x.set(NextSession, null)
      // One unreadable value is a forgery that ends here; two readings of one name may differ elsewhere, so nothing is served.
      return reason === 'malformed' ? undefined : deny(400, 'cookie-ambiguous', { reason, head: CLEARED })
    }

    function settle(x: Exchange, token: string, found: SessionFound): Promise<Reply | void> | undefined {
      if (found.ok && deviceBound?.accepts(x, found) === false) {
        anonymous(x)
        // The cookie stays: its browser gets a new proof and comes again, a thief does not.
        emit({ type: 'session_unproved', data: { session: found.session.id, userId: found.session.userId } }, x)
        return undefined
      }
      if (found.ok && found.rotate) return rotate(x, token, found)
      if (found.ok) {
        keep(x, new Secret(token), found)
        return undefined
      }
      anonymous(x)
      emit({ type: EVENT_OF[found.reason], data: { reason: found.reason } }, x)
      // It was on the way while its browser got the next token: taking the cookie away would take that one.
      if (found.reason === 'rotated') return undefined
      x.set(NextSession, null)
      return found.reason === 'malformed' ? undefined : restored(x)
    }

    /** The last session ended by itself, and this browser was told to remember. */
    function restored(x: Exchange): Promise<void> | undefined {
      return restore?.(x)?.then((made) => {
        if (made === undefined) return
        x.set(NextSession, made.token)
        keep(x, made.token, made)
      })
    }

    /** What the user may do changed: the token that was issued for less, or for more, ends. */
    async function rotate(x: Exchange, token: string, found: LiveSession & { readonly over?: true }): Promise<Reply | undefined> {
      const renewed = await sessions.rotate(token, x.time)
      // Another request was first; this one was alive when it came, and the browser holds, or soon will, that one's cookie.
      if (renewed !== undefined) x.set(NextSession, renewed.token)
      keep(x, renewed?.token ?? new Secret(token), renewed ?? found)
      // What was meant as somebody else is not done as oneself.
      return found.over && !isSafeMethod(x.method) ? ENDED : undefined
    }

    function keep(x: Exchange, token: Secret, found: LiveSession): void {
      x.set(Session, { session: found.session, principal: found.principal, token, write })
      x.set(Principal, found.principal)
      x.set(SessionId, found.session.id)
    }

    function leave(x: Exchange): void {
      const next = x.get(NextSession)
      if (next === undefined) return
      x.cookies.push(next === null ? cookie.expired : cookie.hold(next.reveal()))
      if (next !== null) deviceBound?.ask(x, next.reveal())
    }

    return { enter, leave }
  },
})

function anonymous(x: Exchange): void {
  x.set(Session, null)
  x.set(Principal, null)
}
