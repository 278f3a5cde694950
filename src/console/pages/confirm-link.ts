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
  readonly token: string
  readonly button: string
}

/** Returns the page. */
export function confirmLinkPage(model: ConfirmLinkModel): SafeHtml {
  const { nonce, brand, title, words, action, token, button } = model
  const body = html`<div class="card">
    <div class="body stack">
      <h1>${title}</h1>
      ${words.map((text) => html`<p>${text}</p>`)}
      <form method="post" action="${action}">
        ${hiddenFields(model)}${hidden('token', token)}<button class="btn primary full" type="submit">${button}</button>
      </form>
    </div>
  </div>`
  return layout({ title, nonce, body, brand, narrow: true })
}
