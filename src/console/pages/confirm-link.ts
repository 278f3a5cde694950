/** The page of a link in a letter that does something with one button: opening the link does nothing yet, because programs open it, too. */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { hidden, hiddenFields, type PageModel } from './parts.ts'

/** Form: `POST {action}` with `token` and the csrf field. */
export interface ConfirmLinkModel extends PageModel {
  readonly title: string
  /** One paragraph each. */
  readonly words: readonly string[]
  readonly action: string
  /** Of the link; absent where a cookie says who it is. */
  readonly token?: string | undefined
  readonly button: string
  /** @default 'primary' */
  readonly style?: 'primary' | 'danger'
}

/** Returns the page. */
export function confirmLinkPage(model: ConfirmLinkModel): SafeHtml {
  const { nonce, brand, title, words, action, token, button, style = 'primary' } = model
  const body = html`<div class="card">
    <div class="body stack">
      <h1>${title}</h1>
      ${words.map((text) => html`<p>${text}</p>`)}
      <form method="post" action="${action}">
        ${hiddenFields(model)}${token && hidden('token', token)}<button class="btn ${style} full" type="submit">${button}</button>
      </form>
    </div>
  </div>`
  return layout({ title, nonce, body, brand, narrow: true })
}
