/**
 * Where one is signed in, and the means to end it: a stolen session does not stay unseen until it ends by itself.
 * Source: OWASP ASVS 5.0, 7.4.3 to 7.4.5 and 7.5.2; OWASP Session Management Cheat Sheet.
 */
import type { Browser, Impersonation, Session as Listed } from '../../../accounts/types.ts'
import { browserCookies, clearedData, KnownDevice } from '../../../console/browser-cookies.ts'
import { describeDevice } from '../../../http/device.ts'
import { json, sentForm } from '../../../console/form.ts'
import { sessionsPage, type BrowserRow, type SessionRow } from '../../../console/pages/index.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { page, seeOther, type Reply } from '../../../engine/reply.ts'
import { DONE, objectOf, type Operation } from '../../../http/openapi.ts'
import { NextSession, type CurrentSession } from '../../session/slot.ts'
import { NOT_FOUND, READ_ONLY, WRITE_ONLY, type ConsoleDesk } from './desk.ts'

type Act = (x: Exchange, current: CurrentSession) => Promise<Reply>

const LONGEST_ID = 128
const TEXT = { type: 'string' } as const
const TIME = { type: 'integer', description: 'Milliseconds since 1970.' } as const
const SESSION = objectOf({
  ...{
    id: TEXT,
    createdAt: TIME,
    seenAt: TIME,
    expiresAt: TIME,
    aal: { type: 'integer' },
    doors: { type: 'array', items: TEXT },
  },
  ...{ address: TEXT, userAgent: TEXT, current: { type: 'boolean' } },
})
const BROWSER = objectOf({
  ...{ id: TEXT, kind: { enum: ['remember', 'trust'] }, createdAt: TIME, expiresAt: TIME, address: TEXT, userAgent: TEXT },
})

const ACTING = objectOf({ id: TEXT, by: TEXT, reason: TEXT, since: TIME, until: TIME })

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
      [`${listPath}/end-acting`, endActing],
    ])

    async function list(x: Exchange, current: CurrentSession): Promise<Reply> {
      const { id } = current.principal
      const listed = await sessions.list(id, x.time)
      const remembering = (await browsers.list(id, x.time)).filter(({ kind }) => browsers.lives[kind] !== undefined)
      const acting = await accounts.impersonation.of(id)
      if (sentForm(x).json) {
        const shown = listed.map((session) => visible(session, current.session.id))
        return json({ sessions: shown, browsers: remembering.map(visibleBrowser), acting: acting.map(visibleActing) })
      }
      const rows = listed.map((session) => rowOf(session, current.session.id))
      return page(
        sessionsPage({ ...facts(x, current), sessions: rows, browsers: remembering.map(browserOf), acting, now: x.time }),
      )
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
      return leave(x, (cookies.trust.read(x) ?? x.get(KnownDevice)) !== undefined)
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

    /** One's own only: who acts as somebody else is ended by that one. */
    async function endActing(x: Exchange, current: CurrentSession): Promise<Reply> {
      const named = sentForm(x).text('acting')
      const { id } = current.principal
      const ended = named.length <= LONGEST_ID && (await accounts.impersonation.end(id, named, { kind: 'user', id }, x))
      return ended ? done(x, listPath) : NOT_FOUND
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

/** What a program sees of a session: nothing that opens it, and nothing of the application's own. */
function visible(session: Listed, currentId: string): object {
  const { id, createdAt, seenAt, expiresAt, aal, address, userAgent } = session
  return { id, createdAt, seenAt, expiresAt, aal, doors: doorsOf(session), address, userAgent, current: id === currentId }
}

function visibleActing({ id, by, reason, since, until }: Impersonation): object {
  return { id, by, reason, since, until }
}

function visibleBrowser({ id, kind, createdAt, expiresAt, address, userAgent }: Browser): object {
  return { id, kind, createdAt, expiresAt, address, userAgent }
}

function rowOf(session: Listed, currentId: string): SessionRow {
  const { id, address, createdAt: created, seenAt: lastSeen, userAgent } = session
  const device = describeDevice(userAgent)
  return { id, device, address, doors: doorsOf(session), created, lastSeen, current: id === currentId }
}

function doorsOf({ proofs }: Listed): readonly string[] {
  return proofs.map(({ door }) => door)
}

const DOES = { remember: 'Stays signed in', trust: 'Is asked for no code' } as const

function browserOf({ id, kind, address, createdAt, expiresAt, userAgent }: Browser): BrowserRow {
  return { id, device: describeDevice(userAgent), address, created: createdAt, does: DOES[kind], expires: expiresAt }
}

const NONE = { 404: { what: 'There is none with this id, or it is not yours.' } } as const

function operationsAt(path: string): readonly Operation[] {
  const own = { method: 'post', as: 'session' } as const
  const id = { type: 'string' } as const
  const listed = objectOf({
    sessions: { type: 'array', items: SESSION },
    browsers: { type: 'array', items: BROWSER },
    acting: { type: 'array', items: ACTING },
  })
  return [
    {
      ...{
        method: 'get',
        as: 'session',
        path,
        id: 'listSessions',
        what: 'Lists where one is signed in, and which devices remember it.',
      },
      answers: { 200: { what: 'The sessions, the latest used first.', schema: listed } },
    },
    {
      ...{ ...own, path: `${path}/end`, id: 'endSession', what: 'Ends a session of yours.' },
      ...{ body: objectOf({ session: id }), answers: { 200: DONE, ...NONE } },
    },
    {
      ...{ ...own, path: `${path}/end-others`, id: 'endOtherSessions', what: 'Ends all your sessions but this one.' },
      answers: { 200: DONE },
    },
    {
      ...{ ...own, path: `${path}/end-everywhere`, id: 'endAllSessions', what: 'Ends all your sessions, this one too.' },
      answers: { 200: DONE },
    },
    {
      ...{ ...own, path: `${path}/end-acting`, id: 'endImpersonation', what: 'Ends that somebody of the operator acts as you.' },
      ...{ body: objectOf({ acting: id }), answers: { 200: DONE, ...NONE } },
    },
    {
      ...{ ...own, path: `${path}/forget`, id: 'forgetBrowser', what: 'Ends what a device remembers of you.' },
      ...{ body: objectOf({ browser: id }), answers: { 200: DONE, ...NONE } },
    },
  ]
}
