/**
 * One's API keys: what programs may do in one's name, until when, and the means to end it. A new key is shown once, on the answer to
 * the form that made it; the list names keys by their public ids (OWASP ASVS 5.0, 14.2.1 and 11.5.1).
 */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { timeAgo, timeOf } from '../time.ts'
import { accountNav, errorSummary, field, hidden, hiddenFields, noticeOf, pathsOf, titleOf, type PageModel } from './parts.ts'

/** One key in the list. Times in milliseconds since 1970. */
export interface KeyRow {
  /** Public id: the part of the key that names it. */
  readonly id: string
  readonly name: string
  /** Name of the organisation it acts in. @default it acts in none */
  readonly place?: string | undefined
  readonly scopes: readonly string[]
  readonly status: 'active' | 'expired' | 'revoked'
  readonly created: number
  /** `undefined`: never. */
  readonly expires: number | undefined
  readonly lastUsed: number | undefined
}

interface Place {
  readonly id: string
  readonly name: string
}

export type KeyField = 'name' | 'days' | 'scopes'

/** Forms, each with the csrf field: `POST {keys}/create` with `name`, `days`, `scope:…`, `tenant`, and `POST {keys}/revoke` with `key`. */
export interface KeysModel extends PageModel<KeyField> {
  readonly keys: readonly KeyRow[]
  /** Organisations that a key can act in. @default none */
  readonly places?: readonly Place[]
  /** The one that the form is about; `undefined`: none. */
  readonly place?: Place | undefined
  /** Permissions that a new key can be given there. */
  readonly offered: readonly string[]
  /** What was typed. */
  readonly name?: string | undefined
  readonly chosen?: { readonly days: number; readonly scopes: readonly string[] } | undefined
  /** The key that was just made: shown now and never again. */
  readonly made?: { readonly name: string; readonly text: string } | undefined
  /** Where one proves who one is before one can make a key; `undefined` when that was done a moment ago. */
  readonly prove?: string | undefined
  /** The time of the request, in milliseconds since 1970. */
  readonly now: number
}

/** How long a key may last, in days; the first is what stands in the form. */
export const KEY_DAYS: readonly number[] = [90, 7, 30, 180, 365]

/** Returns the list of keys in the order given, with a button at each, and the form for a new one. */
export function keysPage(model: KeysModel): SafeHtml {
  const { nonce, brand, errors, notice, made } = model
  const body = html`<div class="head">
      <div>
        <h1>API keys</h1>
        <p class="muted">With a key a program acts in your name, within what you may do. End what you do not recognise.</p>
      </div>
    </div>
    ${noticeOf(notice)} ${made && shown(made)} ${errorSummary(errors, ['name', 'days', 'scopes'])}
    <section class="card" aria-label="Your API keys">${listOf(model)}</section>
    ${model.prove === undefined ? form(model) : prove(model.prove)}`
  return layout({ title: titleOf('API keys', errors), nonce, body, brand, ...accountNav(model, 'keys') })
}

function shown({ name, text }: NonNullable<KeysModel['made']>): SafeHtml {
  return html`<div class="alert ok" role="status">
    <h2>The key “${name}” is made</h2>
    <p>Copy it now. It is shown this once, and nobody can find it out later.</p>
    <div class="field">
      <label for="made">Your new key</label><input class="mono" id="made" value="${text}" autocomplete="off" spellcheck="false" readonly />
    </div>
  </div>`
}

function listOf(model: KeysModel): SafeHtml {
  if (model.keys.length === 0) return html`<p class="empty">There are no keys.</p>`
  return html`<ul class="list">
    ${model.keys.map((key) => rowOf(key, model))}
  </ul>`
}

function rowOf(key: KeyRow, model: KeysModel): SafeHtml {
  const { id, name, place, scopes, status, created, expires, lastUsed } = key
  const used = lastUsed === undefined ? html`never used` : html`last used ${timeAgo(lastUsed, model.now)}`
  const until = expires === undefined ? html`no last day` : html`until ${timeOf(expires)}`
  return html`<li>
    <div class="main">
      <b>${name}</b> ${status !== 'active' && html`<span class="badge">${status}</span>`}
      <p class="small muted"><span class="mono">hf_key_${id}_…</span> · ${used} · made ${timeOf(created)} · ${until}</p>
      <p class="small">${place !== undefined && html`In ${place} alone: `}${scopes.length === 0 ? 'Nothing that needs a permission' : html`<span class="mono">${scopes.join(' ')}</span>`}</p>
    </div>
    ${
      status === 'active' &&
      html`<form method="post" action="${pathsOf(model).keys}/revoke">
        ${hiddenFields({ csrf: model.csrf })}${hidden('key', id)}
        <button class="btn small" type="submit">End<span class="sr"> the key ${name}</span></button>
      </form>`
    }
  </li>`
}

function prove(address: string): SafeHtml {
  return html`<section class="card">
    <header><h2>Make a key</h2></header>
    <div class="body stack">
      <p class="muted">A key outlives this session, so say first that it is you.</p>
      <div class="row stretch"><a class="btn" href="${address}">Confirm it is you</a></div>
    </div>
  </section>`
}

function form(model: KeysModel): SafeHtml {
  const { csrf, errors, name, chosen, offered, place } = model
  return html`<section class="card">
    <header><h2>${place === undefined ? 'Make a key' : html`Make a key for ${place.name}`}</h2></header>
    <div class="body stack">
      ${placesOf(model)}
      <form class="stack" method="post" action="${pathsOf(model).keys}/create">
        ${hiddenFields({ csrf })}${place !== undefined && hidden('tenant', place.id)}
        ${field({
          name: 'name',
          label: 'Name',
          hint: 'Where it will be used, for example “nightly export”.',
          type: 'text',
          value: name,
          maxlength: 80,
          autocomplete: 'off',
          error: errors?.name,
        })}
        <div class="field">
          <label for="days">Ends after</label>
          <select id="days" name="days">
            ${KEY_DAYS.toSorted((a, b) => a - b).map((days) => option(days, chosen?.days ?? KEY_DAYS[0]!))}
          </select>
        </div>
        <fieldset class="stack" id="scopes">
          <legend>What it may do</legend>
          <p class="hint">
            Whatever you choose, it never may more than you may${place !== undefined && html` in ${place.name}`} at that time.
          </p>
          ${offered.map((scope) => box(scope, chosen?.scopes.includes(scope) === true))}
        </fieldset>
        <div class="row stretch"><button class="btn primary" type="submit">Make key</button></div>
      </form>
    </div>
  </section>`
}

/** Links to the forms of the other places: which permissions there are depends on where the key acts. */
function placesOf(model: KeysModel): SafeHtml | false {
  const { places = [], place } = model
  const path = pathsOf(model).keys
  const others = places.filter(({ id }) => id !== place?.id)
  if (others.length === 0 && place === undefined) return false
  return html`<p class="muted">
    ${place === undefined ? 'It acts in no organisation.' : html`It acts in ${place.name} alone, and may nothing outside it.`}
    ${place !== undefined && html`<a href="${path}">Make one for none</a>`}
    ${others.map(({ id, name }) => html`<a href="${`${path}?tenant=${encodeURIComponent(id)}`}">Make one for ${name}</a> `)}
  </p>`
}

function option(days: number, chosen: number): SafeHtml {
  return days === chosen
    ? html`<option value="${days}" selected>${days} days</option>`
    : html`<option value="${days}">${days} days</option>`
}

function box(scope: string, checked: boolean): SafeHtml {
  const words = scope === '*' ? html`Everything you may` : html`<span class="mono">${scope}</span>`
  const input = checked
    ? html`<input type="checkbox" name="scope:${scope}" value="on" checked />`
    : html`<input type="checkbox" name="scope:${scope}" value="on" />`
  return html`<label class="check">${input} <span>${words}</span></label>`
}
