/**
 * By which other providers one can sign in: listed, linked, unlinked by their owner (OWASP ASVS 5.0, 6.8 and 7.5). What a provider
 * calls somebody is text from elsewhere; it is shown to nobody but its owner.
 */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { timeOf } from '../time.ts'
import { accountNav, errorSummary, hidden, hiddenFields, noticeOf, titleOf, type PageModel } from './parts.ts'
import { providerButton } from './provider.ts'

/** One identity in the list. */
export interface IdentityItem {
  /** Public handle. */
  readonly id: string
  /** What the provider is called. */
  readonly label: string
  /** What its owner knows it by. */
  readonly shown: string
  readonly linked: number
  readonly used: number | undefined
}

/** Forms, each with the csrf field: `POST {path}/unlink` with `identity`; and one that begins to link, for each provider. */
export interface IdentitiesModel extends PageModel {
  /** Where this page is. */
  readonly path: string
  readonly identities: readonly IdentityItem[]
  /** Which can be linked, and where that begins. */
  readonly providers: readonly { readonly id: string; readonly label: string; readonly path: string }[]
  /** Where to prove again who one is, when that was too long ago. */
  readonly prove: string | undefined
}

/** Returns the list, with what can be linked under it. */
export function identitiesPage(model: IdentitiesModel): SafeHtml {
  const { nonce, brand, errors, notice, prove } = model
  const body = html`<div class="head">
      <div>
        <h1>Sign-in by others</h1>
        <p class="muted">Whoever has one of these accounts can sign in as you. Unlink what is not yours.</p>
      </div>
    </div>
    ${noticeOf(notice)} ${errorSummary(errors, [])}
    ${prove && html`<div class="alert info"><p>To change something, <a href="${prove}">confirm that it is you</a>.</p></div>`}
    <section class="card" aria-label="Linked accounts">${listOf(model)}</section>
    ${prove === undefined && linking(model)}`
  return layout({ title: titleOf('Sign-in by others', errors), nonce, body, brand, ...accountNav(model, 'identities') })
}

function listOf(model: IdentitiesModel): SafeHtml {
  if (model.identities.length === 0) return html`<p class="empty">No account elsewhere is linked.</p>`
  return html`<ul class="list">
    ${model.identities.map((identity) => rowOf(identity, model))}
  </ul>`
}

function rowOf({ id, label, shown, linked, used }: IdentityItem, { csrf, path, prove }: IdentitiesModel): SafeHtml {
  return html`<li>
    <div class="main">
      <b>${label}</b>
      <p class="small muted">
        ${shown} · linked ${timeOf(linked)}${used !== undefined && html`<span> · last used ${timeOf(used)}</span>`}
      </p>
    </div>
    ${
      prove === undefined &&
      html`<form method="post" action="${path}/unlink">
        ${hiddenFields({ csrf })}${hidden('identity', id)}
        <button class="btn small" type="submit">Unlink<span class="sr"> ${label}, ${shown}</span></button>
      </form>`
    }
  </li>`
}

function linking({ csrf, providers }: IdentitiesModel): SafeHtml | false {
  if (providers.length === 0) return false
  return html`<section class="card">
    <header><h2>Link another account</h2></header>
    <div class="body stack">
      ${providers.map(({ path, label }) => providerButton({ csrf, path, purpose: 'link', words: `Link ${label}` }))}
    </div>
  </section>`
}
