/** What the doors share: who runs accounts, where everything is, and how a page, a refusal and a way on are made. */
import type { Accounts, FactorKind, NewSession, SignIn } from '../../accounts/types.ts'
import type { PageModel } from '../../console/pages/index.ts'
import type { BrowserCookies } from '../../console/browser-cookies.ts'
import { json, pageFacts, type Sent } from '../../console/form.ts'

export { originOf, queryText } from '../../console/form.ts'
import type { Setting } from '../../engine/control.ts'
import type { Emit } from '../../engine/events.ts'
import type { Exchange } from '../../engine/exchange.ts'
import type { HostCookie } from '../../engine/host-cookie.ts'
import { RequestId, type Principal } from '../../engine/facts.ts'
import { answer, deny, page, seeOther, type Reply } from '../../engine/reply.ts'
import type { SafeHtml } from '../../html/html.ts'
import { PROBLEM_TYPE, problemJson } from '../../http/problem.ts'
import { localPath } from '../../http/redirect.ts'
import { AsTokens } from './slot.ts'
import { NextSession, Session, type CurrentSession } from '../session/slot.ts'
import type { Enforcement } from './enforce.ts'
import type { BaseOptions } from './options.ts'
import type { PendingCookie } from './pending-cookie.ts'
import { recoveryPaths } from './recovery-options.ts'
import { Admitted, ChallengeShown } from './slot.ts'

export interface Desk {
  readonly options: BaseOptions
  /** The paths of all doors' pages: where nobody is sent on to. */
  readonly pages: ReadonlySet<string>
  readonly setting: Pick<Setting<unknown>, 'site' | 'keys' | 'once' | 'limits' | 'random' | 'now' | 'production' | 'use'>
  readonly accounts: Accounts
  readonly emit: Emit
  /** The cookie of sign-ins that wait for a second factor. */
  readonly waiting: PendingCookie
  /** The cookies of browsers that remember. */
  readonly cookies: BrowserCookies
  /** The cookie of browsers in which somebody signed in before. */
  readonly knownDevice: HostCookie
  readonly enforcement: Enforcement
  /** Whether there is no user yet. */
  setUpIsOpen(): Promise<boolean>
  /** What the sign-in page offers beside the password. */
  offers(x: Exchange, next: string | undefined): readonly SafeHtml[]
  /** What the page that asks again offers beside the password. */
  offersAgain(x: Exchange, next: string | undefined): Promise<readonly SafeHtml[]>
  /** Where a session goes on to after signing out here, by the door that opened it. */
  wayOut(session: CurrentSession): Promise<WayOut | undefined>
  /** What the page of the second step offers beside the code. */
  secondOffers(x: Exchange, next: string | undefined, kinds: readonly FactorKind[]): Promise<readonly SafeHtml[]>
}

/** A place outside to sign out at, too. */
export interface WayOut {
  /** What people call it. */
  readonly label: string
  /** Where to send the browser, once. */
  go(): Promise<string | undefined>
}

/** What a door may answer that a page has words for. */
type TurnedAway = Exclude<SignIn, { ok: true } | { reason: 'second-factor' }>
type AskedForMore = Extract<SignIn, { reason: 'second-factor' }>

/** Longer input is no password of ours (the policy ends at 256 code points) and no name; it is refused before any work. */
export const LONGEST = { login: 254, name: 256, code: 256, password: 1024 } as const

/** A path of our own to go on to. A `next` that is unsafe, missing, or one of the doors leads to where everybody goes. */
export function destination({ options, pages }: Desk, next: string): string {
  const path = localPath(next)
  if (path === '/' && next !== '/') return options.afterSignIn
  const [pathOnly] = path.split('?', 1)
  // The one page of ours that a proof leads to: it takes nothing but what this session sent.
  return pages.has(pathOnly!) && pathOnly !== options.resumePath ? options.afterSignIn : path
}

/** `next` as a page hands it on: only when it leads somewhere else than where everybody goes. */
export function carriedNext(desk: Desk, next: string): string | undefined {
  const path = destination(desk, next)
  return path === desk.options.afterSignIn ? undefined : path
}

/** The address of a page of ours that goes on to `next` afterwards. */
export function withNext(desk: Desk, path: string, next: string): string {
  const carried = carriedNext(desk, next)
  return carried === undefined ? path : `${path}?next=${encodeURIComponent(carried)}`
}

/** Where one goes after signing in: to the enrolment, for whoever must have a second factor and has none. */
export function afterwards(desk: Desk, principal: Principal, next: string): string {
  if (!desk.enforcement.concerns(principal)) return destination(desk, next)
  return withNext(desk, `${desk.options.factorsPath}/totp`, next)
}

/** The fields every page of the doors has. */
export function model(
  { options }: Desk,
  x: Exchange,
): Pick<PageModel, 'nonce' | 'csrf' | 'base' | 'paths' | 'brand' | 'challenge'> {
  const { path, againPath, factorPath, signOutPath, setUpPath, sessionsPath, brand } = options
  const paths = {
    ...{ signIn: path, reAuthenticate: againPath, secondFactor: factorPath },
    ...{ signOut: signOutPath, setUp: setUpPath, sessions: sessionsPath },
  }
  return { ...pageFacts(x), base: '', paths, brand, challenge: x.get(ChallengeShown) }
}

/** The cookie gets the new token, and the browser goes on; an app gets tokens of its own. */
export function admit(x: Exchange, sent: Sent, session: NewSession, to: string): Reply | Promise<Reply> {
  const asTokens = x.get(AsTokens)
  if (asTokens) return asTokens(session)
  x.set(NextSession, session.token)
  x.set(Admitted, session)
  return sent.json ? json({ ok: true, next: to }) : seeOther(to)
}

/** The page of the second step. The box that was ticked at the first one is ticked there, too. */
function withBox(desk: Desk, sent: Sent): string {
  const path = withNext(desk, desk.options.factorPath, sent.text('next'))
  return sent.text('remember') === '' ? path : `${path}${path.includes('?') ? '&' : '?'}remember=on`
}

/**
 * The password was right, and this user has a second factor. The browser keeps the token of what waits, and no session: the one that
 * it held before was ended (L24). Where nothing is missing but a new password, it is led to choose one.
 */
export function askForMore(desk: Desk, x: Exchange, sent: Sent, { kinds, pending, newPassword }: AskedForMore): Reply {
  const next = newPassword ? recoveryPaths(desk.options).newPassword : withBox(desk, sent)
  if (pending !== undefined) {
    desk.waiting.hold(x, pending.reveal())
    if (x.get(Session)) x.set(NextSession, null)
  }
  if (!sent.json) return seeOther(next)
  const instance = x.get(RequestId)
  const waiting = x.get(AsTokens) && pending ? { pending: pending.reveal() } : {}
  const code = newPassword ? 'new-password-required' : 'second-factor-required'
  const problem = { status: 401, code, kinds, next, ...waiting, ...(instance !== undefined && { instance }) }
  const head = { 'content-type': PROBLEM_TYPE, 'cache-control': 'no-store', 'www-authenticate': 'Session' }
  return answer(401, head, problemJson(problem))
}

const SIGN_IN_WRONG = { code: 'sign-in-failed', words: 'The name or the password is not right.' }

/** Why not, in words that are the same for everybody; the page is rendered with them. `wrong`: what a secret that is not right is called. */
export function turnAway(
  sent: Sent,
  result: TurnedAway,
  render: (words: string) => { toString(): string },
  wrong = SIGN_IN_WRONG,
): Reply {
  if (result.reason === 'leaving') return offerToKeep(sent, result)
  const { status, code, words } = result.reason === 'denied' ? { status: 401, ...wrong } : refusalOf(result)
  const head = 'retryAfter' in result ? { 'retry-after': String(Math.max(1, Math.ceil(result.retryAfter))) } : {}
  if (sent.json) return deny(status, code, { head })
  const reply = page(render(words), status)
  return { ...reply, head: { ...reply.head, ...head } }
}

/** Who proved who they are may keep the account, and is told so; nobody else learns that it is to be deleted. */
function offerToKeep(sent: Sent, { dueAt, page: keep }: Extract<TurnedAway, { reason: 'leaving' }>): Reply {
  const { pathname, search } = new URL(keep.reveal())
  const next = `${pathname}${search}`
  if (!sent.json) return seeOther(next)
  const problem = { status: 403, code: 'account-leaving', deletedAt: new Date(dueAt).toISOString(), next }
  return answer(403, { 'content-type': PROBLEM_TYPE, 'cache-control': 'no-store' }, problemJson(problem))
}

function refusalOf(result: Exclude<TurnedAway, { reason: 'denied' | 'leaving' }>): {
  status: number
  code: string
  words: string
} {
  if (result.reason === 'too-many-sessions') {
    const places = result.max === 1 ? 'at one place' : `at ${result.max} places`
    const words = `You may be signed in ${places} at once, and you are. Sign out there first.`
    return { status: 403, code: 'too-many-sessions', words }
  }
  if (result.reason === 'throttled') {
    return { status: 429, code: 'too-many-attempts', words: `Too many attempts. Try again ${inWords(result.retryAfter)}.` }
  }
  return { status: 503, code: 'busy', words: 'Many people are signing in at this moment. Try again in a few seconds.' }
}

/** Seconds as a person says them. */
export function inWords(seconds: number): string {
  if (seconds <= 60) return 'in a minute'
  return `in ${Math.ceil(seconds / 60)} minutes`
}
