/**
 * The kit's own pages for those who are signed in: where they are signed in, and the means to end it.
 * Stops a stolen session from staying unseen until it ends by itself.
 * Source: OWASP ASVS 5.0, 7.4.3 to 7.4.5 and 7.5.2; OWASP Session Management Cheat Sheet.
 */
import { Accounts, type Session as Listed } from '../../accounts/types.ts'
import { describeDevice } from '../../console/device.ts'
import { json, pageFacts, sentForm } from '../../console/form.ts'
import { sessionsPage, type SessionRow } from '../../console/pages/index.ts'
import { defineControl, type Verdict } from '../../engine/control.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { Principal } from '../../engine/facts.ts'
import { deny, page, seeOther, type Reply } from '../../engine/reply.ts'
import { NextSession, Session, type CurrentSession } from '../session/slot.ts'
import { factorsDesk } from './factors.ts'
import { keysDesk, type KeysDesk } from './keys.ts'
import { readConsoleOptions } from './options.ts'

export type { ConsoleOptions } from './options.ts'

type Act = (x: Exchange, current: CurrentSession) => Promise<Reply>

const NOBODY = deny(401, 'sign-in-required')
/** These pages are for people: what a program may do here, whoever stole its key could undo. */
const INTERACTIVE = deny(403, 'interactive-required', { reason: 'a key on a page for people' })
const NOT_FOUND = deny(404, 'not-found')
const READ_ONLY = deny(405, 'method-not-allowed', { head: { allow: 'GET, HEAD' } })
const WRITE_ONLY = deny(405, 'method-not-allowed', { head: { allow: 'POST' } })
const LONGEST_ID = 128

export const consolePages = defineControl({
  name: 'console',
  needs: [Session],
  options: readConsoleOptions,
  start(setting) {
    const { options, emit } = setting
    const accounts = setting.use(Accounts)
    const { sessions } = accounts
    const listPath = `${options.path}/sessions`
    const keysPath = `${options.path}/keys`
    const keys = options.keys ? keysDesk({ options, accounts, emit }) : undefined
    const factorsPath = `${options.path}/factors`
    const factors = factorsDesk({ options, accounts })
    const paths = { sessions: listPath, signOut: options.signOutPath, factors: factorsPath, ...(keys && { keys: keysPath }) }

    const acts = new Map<string, Act>([
      [`${listPath}/end`, endOne],
      [`${listPath}/end-others`, endOthers],
      [`${listPath}/end-everywhere`, endAll],
    ])

    function enter(x: Exchange): Verdict | Promise<Verdict> {
      if (keys !== undefined && x.path.startsWith(keysPath)) return enterDesk(x, keys)
      if (x.path === factorsPath || x.path.startsWith(`${factorsPath}/`)) return enterDesk(x, factors)
      if (!x.path.startsWith(listPath)) return undefined
      const act = acts.get(x.path)
      if (act === undefined && x.path !== listPath) return undefined
      const current = x.get(Session)
      if (!current) return nobody(x)
      if (act !== undefined) return x.method === 'POST' ? act(x, current) : WRITE_ONLY
      return x.method === 'GET' || x.method === 'HEAD' ? list(x, current) : READ_ONLY
    }

    function enterDesk(x: Exchange, desk: KeysDesk): Verdict | Promise<Verdict> {
      const current = x.get(Session)
      return current ? desk(x, current) : nobody(x)
    }

    async function list(x: Exchange, current: CurrentSession): Promise<Reply> {
      const { id, login } = current.principal
      const rows = (await sessions.list(id, x.time)).map((session) => rowOf(session, current.session.id))
      const { brand } = options
      return page(sessionsPage({ ...pageFacts(x), base: '', paths, brand, login, sessions: rows, now: x.time }))
    }

    /** One's own only: the user's id stands beside the session's in the question to the store. */
    async function endOne(x: Exchange, current: CurrentSession): Promise<Reply> {
      const named = sentForm(x).text('session')
      const { id } = current.principal
      if (named === current.session.id) return endHere(x, current)
      const ended = named !== '' && named.length <= LONGEST_ID && (await sessions.end(id, named, { kind: 'user', id }, x))
      if (ended) return done(x, listPath)
      emit({ type: 'authz_fail', data: { code: 'not-found', reason: 'session of nobody or of another user' } }, x)
      return NOT_FOUND
    }

    async function endHere(x: Exchange, current: CurrentSession): Promise<Reply> {
      await sessions.endByToken(current.token.reveal(), x)
      return leave(x)
    }

    async function endOthers(x: Exchange, current: CurrentSession): Promise<Reply> {
      const { id } = current.principal
      await sessions.endAll(id, { kind: 'user', id }, { except: current.session.id, exchange: x })
      return done(x, listPath)
    }

    async function endAll(x: Exchange, current: CurrentSession): Promise<Reply> {
      const { id } = current.principal
      await sessions.endAll(id, { kind: 'user', id }, { exchange: x })
      return leave(x)
    }

    function leave(x: Exchange): Reply {
      x.set(NextSession, null)
      x.head.set('clear-site-data', '"cache", "cookies", "storage"')
      return done(x, `${options.signInPath}?signed-out`)
    }

    return { enter }
  },
})

function nobody(x: Exchange): Reply {
  return x.get(Principal) ? INTERACTIVE : NOBODY
}

function done(x: Exchange, to: string): Reply {
  return sentForm(x).json ? json({ ok: true }) : seeOther(to)
}

function rowOf(session: Listed, currentId: string): SessionRow {
  const { id, address, createdAt, seenAt, userAgent } = session
  return { id, device: describeDevice(userAgent), address, created: createdAt, lastSeen: seenAt, current: id === currentId }
}
