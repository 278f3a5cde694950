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
import { DONE, objectOf } from '../../../http/openapi.ts'
import { NextSession, type CurrentSession } from '../../session/slot.ts'
import { NOT_FOUND, READ_ONLY, WRITE_ONLY, type ConsoleDesk } from './desk.ts'

type Act = (x: Exchange, current: CurrentSession) => Promise<Reply>

const LONGEST_ID = 128
const TEXT = { type: 'string' } as const
const TIME = { type: 'integer', description: 'Milliseconds since 1970.' } as const
const SESSION = objectOf({
  ...{ id: TEXT, createdAt: TIME, seenAt: TIME, expiresAt: TIME, aal: { type: 'integer' } },
  ...{ address: TEXT, userAgent: TEXT, current: { type: 'boolean' } },
})

export const sessions: ConsoleDesk = {
  name: 'sessions',
  at: ({ path }) => ({ path: `${path}/sessions`, label: 'Sessions' }),
  operations: ({ path }) => [
    {
      method: 'get',
      path: `${path}/sessions`,
      id: 'listSessions',
      what: 'Lists where one is signed in.',
      as: 'session',
      answers: {
        200: { what: 'The sessions, the latest used first.', schema: objectOf({ sessions: { type: 'array', items: SESSION } }) },
      },
    },
    {
      method: 'post',
      path: `${path}/sessions/end`,
      id: 'endSession',
      what: 'Ends one of them, also this one.',
      as: 'session',
      body: objectOf({ session: { type: 'string' } }),
      answers: { 200: DONE, 404: { what: 'There is no such session of this user.' } },
    },
    {
      method: 'post',
      path: `${path}/sessions/end-others`,
      id: 'endOtherSessions',
      what: 'Ends all but this one.',
      as: 'session',
      answers: { 200: DONE },
    },
    {
      method: 'post',
      path: `${path}/sessions/end-everywhere`,
      id: 'endAllSessions',
      what: 'Ends all of them, this one too.',
      as: 'session',
      answers: { 200: DONE },
    },
  ],
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
      const listed = await sessions.list(id, x.time)
      if (sentForm(x).json) return json({ sessions: listed.map((session) => visible(session, current.session.id)) })
      const rows = listed.map((session) => rowOf(session, current.session.id))
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

/** What a program sees of a session: nothing that opens it, and nothing of the application's own. */
function visible({ id, createdAt, seenAt, expiresAt, aal, address, userAgent }: Listed, currentId: string): object {
  return { id, createdAt, seenAt, expiresAt, aal, address, userAgent, current: id === currentId }
}

function rowOf(session: Listed, currentId: string): SessionRow {
  const { id, address, createdAt, seenAt, userAgent } = session
  return { id, device: describeDevice(userAgent), address, created: createdAt, lastSeen: seenAt, current: id === currentId }
}
