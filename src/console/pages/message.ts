/** A page that says something and leads on: a letter is on its way, a link is over, something is done. */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import type { PageModel } from './parts.ts'

export interface MessageModel extends PageModel {
  readonly title: string
  /** One paragraph each. */
  readonly words: readonly string[]
  /** Where it leads on. */
  readonly way?: { readonly path: string; readonly label: string } | undefined
}

/** Returns the page. */
export function messagePage({ nonce, brand, title, words, way }: MessageModel): SafeHtml {
  const body = html`<div class="card">
    <div class="body stack">
      <h1>${title}</h1>
      ${words.map((text) => html`<p>${text}</p>`)} ${way && html`<p><a class="btn" href="${way.path}">${way.label}</a></p>`}
    </div>
  </div>`
  return layout({ title, nonce, body, brand, narrow: true })
}
