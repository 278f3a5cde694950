/**
 * What stands behind the link of a letter: what will happen, and a button. Following the link does nothing, because scanners of mail and
 * browsers that fetch ahead follow it, too (RFC 9110, section 9.2.1: GET is safe).
 */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { hidden, hiddenFields, pathsOf, type PageModel } from './parts.ts'

/** Form: `POST {action}` with `token` and the csrf field. */
export interface ConfirmLinkModel extends PageModel {
  readonly title: string
  readonly words: string
  readonly button: string
  /** @default 'primary' */
  readonly style?: 'primary' | 'danger'
  readonly action: string
  /** Of the link; absent where a cookie says who it is. */
  readonly token?: string | undefined
}

/** Returns the page with the button. */
export function confirmLinkPage(model: ConfirmLinkModel): SafeHtml {
  const { nonce, brand, csrf, title, words, button, style = 'primary', action, token } = model
  const body = html`<div class="card">
    <div class="body stack">
      <h1>${title}</h1>
      <p>${words}</p>
      <form class="row stretch" method="post" action="${action}">
        ${hiddenFields({ csrf })}${token && hidden('token', token)}<button class="btn ${style}" type="submit">${button}</button
        ><a class="btn" href="${pathsOf(model).signIn}">Cancel</a>
      </form>
    </div>
  </div>`
  return layout({ title, nonce, body, brand, narrow: true })
}

/** What was done, or why not. */
export interface SaidModel extends PageModel {
  readonly title: string
  readonly words: string
  readonly way?: { readonly path: string; readonly label: string } | undefined
}

/** Returns a page that says one thing, with a way on. @default to the sign-in */
export function saidPage(model: SaidModel): SafeHtml {
  const { nonce, brand, title, words, way = { path: pathsOf(model).signIn, label: 'Go to the sign-in' } } = model
  const body = html`<div class="card">
    <div class="body stack">
      <h1>${title}</h1>
      <p>${words}</p>
      <p><a class="btn" href="${way.path}">${way.label}</a></p>
    </div>
  </div>`
  return layout({ title, nonce, body, brand, narrow: true })
}
