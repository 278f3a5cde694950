/**
 * Where one is signed in, and the means to end it: a stolen session does not stay unseen until it ends by itself.
 * Source: OWASP ASVS 5.0, 7.4.3 to 7.4.5 and 7.5.2; OWASP Session Management Cheat Sheet.
 */
import type { Session as Listed } from '../../../accounts/types.ts'
import { describeDevice } from '../../../console/device.ts'
import { json, sentForm } from '../../../console/form.ts'
import { sessionsPage, type SessionRow } from '../../../console/pages/index.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { page, seeOther, type Reply } from '../../../engine/reply.ts'
import { NextSession, type CurrentSession } from '../../session/slot.ts'
import { NOT_FOUND, READ_ONLY, WRITE_ONLY, type ConsoleDesk } from './desk.ts'

type Act = (x: Exchange, current: CurrentSession) => Promise<Reply>

const LONGEST_ID = 128

export const sessions: ConsoleDesk = {
  name: 'sessions',
  at: ({ path }) => ({ path: `${path}/sessions`, label: 'Sessions' }),
  start({ options, accounts, emit, facts }) {
    const { sessions } = accounts
    const listPath = `${options.path}/sessions`

    const acts = new Map<string, Act>([
      [`${listPath}/end`, endOne],
      [`${listPath}/end-others`, endOthers],
      [`${listPath}/end-everywhere`, endAll],
    ])

    async function list(x: Exchange, current: CurrentSession): Promise<Reply> {
      const { id } = current.principal
      const rows = (await sessions.list(id, x.time)).map((session) => rowOf(session, current.session.id))
      return page(sessionsPage({ ...facts(x, current), sessions: rows, now: x.time }))
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

    return (x, current) => {
      const act = acts.get(x.path)
      if (act !== undefined) return x.method === 'POST' ? act(x, current) : WRITE_ONLY
      if (x.path !== listPath) return undefined
      return x.method === 'GET' || x.method === 'HEAD' ? list(x, current) : READ_ONLY
    }
  },
}

function done(x: Exchange, to: string): Reply {
  return sentForm(x).json ? json({ ok: true }) : seeOther(to)
}

function rowOf(session: Listed, currentId: string): SessionRow {
  const { id, address, createdAt, seenAt, userAgent } = session
  return { id, device: describeDevice(userAgent), address, created: createdAt, lastSeen: seenAt, current: id === currentId }
}
