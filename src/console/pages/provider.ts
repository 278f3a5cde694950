/**
 * The pages on the way to another provider and back. The way on is a link and a refresh, not an answer to the form that leads away: a
 * policy that keeps forms on this site (`form-action 'self'`) keeps their redirects here, too (CSP Level 3, section 6.4.1).
 */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { hidden, hiddenFields, type PageModel } from './parts.ts'

/** Somebody goes on to another page; the browser does it by itself, and the link is for one that does not. */
export interface OnwardModel extends Pick<PageModel, 'nonce' | 'brand'> {
  readonly title: string
  readonly words: string
  /** `https://…`, or a path of ours. */
  readonly to: string
  /** The words of the link. */
  readonly way: string
}

export function onwardPage({ nonce, brand, title, words, to, way }: OnwardModel): SafeHtml {
  const body = html`<div class="card">
    <div class="body stack">
      <h1>${title}</h1>
      <p class="muted">${words}</p>
      <p><a class="btn primary full" href="${to}">${way}</a></p>
    </div>
  </div>`
  return layout({ title, nonce, body, brand, narrow: true })
}

/** A sign-in by a provider came to nothing. The words are ours; what the provider wrote is shown nowhere. */
export interface ProviderProblemModel extends Pick<PageModel, 'nonce' | 'brand'> {
  readonly title: string
  readonly words: string
  readonly to: string
  readonly way: string
}

export function providerProblemPage({ nonce, brand, title, words, to, way }: ProviderProblemModel): SafeHtml {
  const body = html`<div class="card">
    <div class="body stack">
      <h1>${title}</h1>
      <div class="alert error" role="alert"><p>${words}</p></div>
      <p><a class="btn" href="${to}">${way}</a></p>
    </div>
  </div>`
  return layout({ title: `Error: ${title}`, nonce, body, brand, narrow: true })
}

/** One button that leads to a provider. A form, because a link would let any page begin a sign-in (CVE-2015-9284). */
export interface ProviderButton extends Pick<PageModel, 'csrf' | 'next'> {
  /** Where the form posts to. */
  readonly path: string
  readonly purpose: 'sign-in' | 'again' | 'link'
  readonly words: string
}

export function providerButton({ csrf, next, path, purpose, words }: ProviderButton): SafeHtml {
  return html`<form method="post" action="${path}">
    ${hiddenFields({ csrf, next })}${purpose !== 'sign-in' && hidden('purpose', purpose)}<button class="btn full" type="submit">${words}</button>
  </form>`
}
