/**
 * The apps and devices one is signed in with by tokens, and the means to end each: the person sees one that is not theirs and ends it at
 * once (OWASP ASVS 5.0, 7.5.2). The ids in the forms are public names, never what an app holds.
 */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { timeAgo, timeOf } from '../time.ts'
import { accountNav, hidden, hiddenFields, noticeOf, pathsOf, type PageModel } from './parts.ts'

/** One app in the list. Times in milliseconds since 1970. */
export interface AppRow {
  /** Public id; what it names cannot be taken over by knowing it. */
  readonly id: string
  /** What it calls itself. */
  readonly client: string
  /** Name of the organisation it acts in. @default it acts in none */
  readonly place?: string | undefined
  readonly scopes: readonly string[]
  /** Address of the client when last seen. */
  readonly address: string
  readonly created: number
  readonly lastSeen: number
  /** When it ends unless it is used again. */
  readonly ends: number
}

/** A form at each, with the csrf field: `POST {apps}/end` with `app`. */
export interface AppsModel extends PageModel {
  readonly apps: readonly AppRow[]
  /** The time of the request, in milliseconds since 1970. */
  readonly now: number
}

/** Returns the list in the order given, with a button at each. */
export function appsPage(model: AppsModel): SafeHtml {
  const { nonce, brand, notice } = model
  const body = html`<div class="head">
      <div>
        <h1>Apps and devices</h1>
        <p class="muted">Apps that stay signed in for you. End what you do not recognise, then change your password.</p>
      </div>
    </div>
    ${noticeOf(notice)}
    <section class="card" aria-label="Your apps">${listOf(model)}</section>`
  return layout({ title: 'Apps and devices', nonce, body, brand, ...accountNav(model, 'apps') })
}

function listOf(model: AppsModel): SafeHtml {
  if (model.apps.length === 0) return html`<p class="empty">No app is signed in.</p>`
  return html`<ul class="list">
    ${model.apps.map((app) => rowOf(app, model))}
  </ul>`
}

function rowOf({ id, client, place, scopes, address, created, lastSeen, ends }: AppRow, model: AppsModel): SafeHtml {
  const may = scopes.includes('*') ? html`Everything you may` : html`<span class="mono">${scopes.join(' ')}</span>`
  return html`<li>
    <div class="main">
      <b>${client}</b>
      <p class="small muted">
        <span class="mono">${address}</span> · last seen ${timeAgo(lastSeen, model.now)} · signed in ${timeOf(created)} · until
        ${timeOf(ends)}
      </p>
      <p class="small">${place !== undefined && html`In ${place} alone: `}${scopes.length === 0 ? 'Nothing that needs a permission' : may}</p>
    </div>
    <form method="post" action="${pathsOf(model).apps}/end">
      ${hiddenFields({ csrf: model.csrf })}${hidden('app', id)}
      <button class="btn small" type="submit">End<span class="sr"> the app ${client}, ${address}</span></button>
    </form>
  </li>`
}
