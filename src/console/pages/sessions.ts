/**
 * Where one is signed in, and the means to end it: the person sees a session that is not theirs and ends it at once (OWASP ASVS
 * 5.0, 7.5.2). The ids in the forms are public names of the sessions, never what a cookie holds.
 */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { timeAgo, timeOf } from '../time.ts'
import { accountNav, errorSummary, hidden, hiddenFields, noticeOf, pathsOf, titleOf, type PageModel } from './parts.ts'

/** One session in the list. */
export interface SessionRow {
  /** Public id; what it names cannot be taken over by knowing it. */
  readonly id: string
  /** The device in a few words: see `describeDevice`. */
  readonly device: string
  /** Address of the client when last seen. */
  readonly address: string
  /** Names of the doors by which it was opened, and strengthened: `password`, `totp`. */
  readonly doors: readonly string[]
  /** When it began, in milliseconds since 1970. */
  readonly created: number
  /** When it last made a request, in milliseconds since 1970. */
  readonly lastSeen: number
  /** True for the session that asks for this page. */
  readonly current: boolean
}

/** One browser that remembers. */
export interface BrowserRow extends Pick<SessionRow, 'id' | 'device' | 'address' | 'created'> {
  /** What it does, as a sentence. */
  readonly does: string
  /** When it ends by itself, in milliseconds since 1970. */
  readonly expires: number
}

/** Somebody of the operator who acts as them now. */
export interface ActingRow {
  readonly id: string
  readonly by: string
  readonly reason: string
  readonly until: number
}

/**
 * Forms, each with the csrf field: `POST {base}/sessions/end-acting` with `acting`, `POST {base}/sessions/end` with `session`, `POST {base}/sessions/end-others`,
 * `POST {base}/sessions/end-everywhere`, `POST {base}/sessions/forget` with `browser`.
 */
export interface SessionsModel extends PageModel {
  readonly sessions: readonly SessionRow[]
  /** @default none */
  readonly browsers?: readonly BrowserRow[]
  /** @default none */
  readonly acting?: readonly ActingRow[]
  /** The time of the request, in milliseconds since 1970. */
  readonly now: number
}

const screen = html`<rect x="3" y="4.5" width="18" height="12" rx="2" /><path d="M8.5 20h7M12 16.5V20" />`
const phone = html`<rect x="6.5" y="2.5" width="11" height="19" rx="2.5" /><path d="M11 18.5h2" />`

/** Those whose name says little to who came in by them. */
const DOORS: ReadonlyMap<string, string> = new Map([
  ['totp', 'authenticator app'],
  ['email', 'code by mail'],
  ['provider', 'another provider'],
  ['remember', 'staying signed in'],
])

/** Returns the list of sessions in the order given, with a button at each and two for all. */
export function sessionsPage(model: SessionsModel): SafeHtml {
  const { nonce, brand, sessions, errors, notice } = model
  const body = html`<div class="head">
      <div>
        <h1>Sessions</h1>
        <p class="muted">Where you are signed in. End what you do not recognise, then change your password.</p>
      </div>
    </div>
    ${noticeOf(notice)} ${errorSummary(errors, [])}
    ${actingOf(model)}
    <section class="card" aria-label="Your sessions">${listOf(model)}</section>
    ${browsersOf(model)} ${sessions.length > 0 && endings(model)}`
  return layout({ title: titleOf('Sessions', errors), nonce, body, brand, ...accountNav(model, 'sessions') })
}

function listOf(model: SessionsModel): SafeHtml {
  if (model.sessions.length === 0) return html`<p class="empty">There are no sessions.</p>`
  return html`<ul class="list">
    ${model.sessions.map((session) => rowOf(session, model))}
  </ul>`
}

function rowOf(session: SessionRow, model: SessionsModel): SafeHtml {
  const { id, device, address, doors, created, lastSeen, current } = session
  return html`<li>
    <span class="tile" aria-hidden="true"><svg class="icon" viewBox="0 0 24 24">${isPhone(device) ? phone : screen}</svg></span>
    <div class="main">
      <b>${device}</b> ${current && html`<span class="badge ok">This session</span>`}
      <p class="small muted">
        <span class="mono">${address}</span> · last seen ${timeAgo(lastSeen, model.now)} · signed in ${timeOf(created)} by
        ${doors.map(doorInWords).join(', ')}
      </p>
    </div>
    <form method="post" action="${pathsOf(model).sessions}/end">
      ${hiddenFields({ csrf: model.csrf })}${hidden('session', id)}
      <button class="btn small" type="submit">
        ${current ? 'Sign out here' : html`<span>End<span class="sr"> the session of ${device}, ${address}</span></span>`}
      </button>
    </form>
  </li>`
}

/** For the picture only. */
function doorInWords(door: string): string {
  return DOORS.get(door) ?? door.replaceAll('-', ' ')
}

function isPhone(device: string): boolean {
  return device.includes('iPhone') || device.includes('Android')
}

function endings(model: SessionsModel): SafeHtml {
  const { csrf, sessions } = model
  const path = pathsOf(model).sessions
  const others = sessions.some((session) => !session.current)
  return html`<section class="card">
    <header><h2>End several at once</h2></header>
    <div class="body stack">
      <p class="muted">Whoever uses one of them has to sign in again.</p>
      <div class="row stretch">
        ${others && html`<form method="post" action="${path}/end-others">${hiddenFields({ csrf })}<button class="btn" type="submit">End all others</button></form>`}
        <form method="post" action="${path}/end-everywhere">
          ${hiddenFields({ csrf })}<button class="btn outline-danger" type="submit">End everywhere, here too</button>
        </form>
      </div>
    </div>
  </section>`
}

function actingOf({ acting = [], ...model }: SessionsModel): SafeHtml | undefined {
  if (acting.length === 0) return undefined
  return html`<section class="card">
    <header><h2>Who acts as you</h2></header>
    <ul class="list">
      ${acting.map(
        ({ id, by, reason, until }) =>
          html`<li>
            <div class="main"><b>${by}</b><p class="small muted">${reason} · until ${timeOf(until)}</p></div>
            <form method="post" action="${pathsOf(model).sessions}/end-acting">
              ${hiddenFields({ csrf: model.csrf })}${hidden('acting', id)}
              <button class="btn small" type="submit">End<span class="sr"> that ${by} acts as you</span></button>
            </form>
          </li>`,
      )}
    </ul>
  </section>`
}

function browsersOf(model: SessionsModel): SafeHtml | undefined {
  const { browsers = [] } = model
  if (browsers.length === 0) return undefined
  return html`<section class="card">
    <header><h2>Devices that remember you</h2></header>
    <ul class="list">
      ${browsers.map((browser) => browserOf(browser, model))}
    </ul>
  </section>`
}

function browserOf({ id, device, address, created, does, expires }: BrowserRow, model: SessionsModel): SafeHtml {
  return html`<li>
    <span class="tile" aria-hidden="true"><svg class="icon" viewBox="0 0 24 24">${isPhone(device) ? phone : screen}</svg></span>
    <div class="main">
      <b>${device}</b>
      <p class="small muted">
        ${does} · <span class="mono">${address}</span> · since ${timeOf(created)} · until ${timeOf(expires)}
      </p>
    </div>
    <form method="post" action="${pathsOf(model).sessions}/forget">
      ${hiddenFields({ csrf: model.csrf })}${hidden('browser', id)}
      <button class="btn small" type="submit"><span>Forget<span class="sr"> ${device}, ${address}: ${does}</span></span></button>
    </form>
  </li>`
}
