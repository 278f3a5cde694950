/**
 * Where one is signed in, and the means to end it: a stolen session does not stay unseen until it ends by itself.
 * Source: OWASP ASVS 5.0, 7.4.3 to 7.4.5 and 7.5.2; OWASP Session Management Cheat Sheet.
 */
import type { Browser, Session as Listed } from '../../../accounts/types.ts'
import { browserCookies, clearedData } from '../../../console/browser-cookies.ts'
import { describeDevice } from '../../../console/device.ts'
import { json, sentForm } from '../../../console/form.ts'
import { sessionsPage, type BrowserRow, type SessionRow } from '../../../console/pages/index.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { page, seeOther, type Reply } from '../../../engine/reply.ts'
import { NextSession, type CurrentSession } from '../../session/slot.ts'
import { objectOf, type Operation } from '../../../http/openapi.ts'
import { NOT_FOUND, READ_ONLY, WRITE_ONLY, type ConsoleDesk } from './desk.ts'

type Act = (x: Exchange, current: CurrentSession) => Promise<Reply>

const LONGEST_ID = 128

export const sessions: ConsoleDesk = {
  name: 'sessions',
  at: ({ path }) => ({ path: `${path}/sessions`, label: 'Sessions' }),
  operations: ({ path }) => operationsAt(`${path}/sessions`),
  start({ options, accounts, emit, facts, setting }) {
    const { sessions, browsers } = accounts
    const cookies = browserCookies(setting.site)
    const listPath = `${options.path}/sessions`

    const acts = new Map<string, Act>([
      [`${listPath}/end`, endOne],
      [`${listPath}/end-others`, endOthers],
      [`${listPath}/end-everywhere`, endAll],
      [`${listPath}/forget`, forget],
    ])

    async function list(x: Exchange, current: CurrentSession): Promise<Reply> {
      const { id } = current.principal
      const rows = (await sessions.list(id, x.time)).map((session) => rowOf(session, current.session.id))
      const remembering = (await browsers.list(id, x.time)).filter(({ kind }) => browsers.lives[kind] !== undefined)
      return page(sessionsPage({ ...facts(x, current), sessions: rows, browsers: remembering.map(browserOf), now: x.time }))
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
      return leave(x, cookies.trust.read(x) !== undefined)
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

    /** One's own only, like `endOne`. The session that it opened lives on; what it would open next does not. */
    async function forget(x: Exchange, current: CurrentSession): Promise<Reply> {
      const named = sentForm(x).text('browser')
      const { id } = current.principal
      const ended = named !== '' && named.length <= LONGEST_ID && (await browsers.end(id, named, { kind: 'user', id }, x))
      if (ended) return done(x, listPath)
      emit({ type: 'authz_fail', data: { code: 'not-found', reason: 'browser of nobody or of another user' } }, x)
      return NOT_FOUND
    }

    function leave(x: Exchange, keepsDevice = false): Reply {
      x.set(NextSession, null)
      cookies.remember.drop(x)
      x.head.set('clear-site-data', clearedData(keepsDevice))
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

const DOES = { remember: 'Stays signed in', trust: 'Is asked for no code' } as const

function browserOf({ id, kind, address, createdAt, expiresAt, userAgent }: Browser): BrowserRow {
  return { id, device: describeDevice(userAgent), address, created: createdAt, does: DOES[kind], expires: expiresAt }
}

const DONE = { 200: { what: 'Done.', schema: objectOf({ ok: { const: true } }) } } as const
const NONE = { 404: { what: 'There is none with this id, or it is not yours.' } } as const

function operationsAt(path: string): readonly Operation[] {
  const own = { method: 'post', as: 'session' } as const
  const id = { type: 'string' } as const
  return [
    {
      ...{ ...own, path: `${path}/end`, id: 'endSession', what: 'Ends a session of yours.' },
      ...{ body: objectOf({ session: id }), answers: { ...DONE, ...NONE } },
    },
    { ...own, path: `${path}/end-others`, id: 'endOtherSessions', what: 'Ends all your sessions but this one.', answers: DONE },
    {
      ...own,
      path: `${path}/end-everywhere`,
      id: 'endAllSessions',
      what: 'Ends all your sessions, this one too.',
      answers: DONE,
    },
    {
      ...{ ...own, path: `${path}/forget`, id: 'forgetBrowser', what: 'Ends what a device remembers of you.' },
      ...{ body: objectOf({ browser: id }), answers: { ...DONE, ...NONE } },
    },
  ]
}
