/**
 * What the link of a letter leads to: one button. The link itself does nothing, because mail scanners and previews follow links; without
 * the button they would use it up (or sign in).
 */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { hidden, hiddenFields, type PageModel } from './parts.ts'

/** Form: `POST {action}` with `token`, `next` and the csrf field. */
export interface OpenLinkModel extends PageModel {
  readonly action: string
  /** Where another link is asked for. */
  readonly askPath: string
  /** `ready`: the button. `elsewhere`: it was asked for in another browser. `void`: used, or too old. */
  readonly state: 'ready' | 'elsewhere' | 'void'
  readonly token?: string | undefined
}

const TEXTS = {
  ready: { title: 'Sign in', words: 'Your link is good. One more press, and you are in.' },
  elsewhere: {
    title: 'This link belongs to another browser',
    words:
      'It was asked for in another browser, or on another device, and signs in there alone: so nobody gets in who only sees your mail, and nobody can sign you in as somebody else. Open it there, or ask for a link here.',
  },
  void: {
    title: 'This link is not good any more',
    words: 'It was used, or it is too old, or something about your account has changed since. Ask for another one.',
  },
} as const

/** Returns the page. */
export function openLinkPage(model: OpenLinkModel): SafeHtml {
  const { nonce, brand, state, errors } = model
  const { title, words } = TEXTS[state]
  const body = html`<div class="card">
    <div class="body stack">
      <h1>${title}</h1>
      ${errors?.form === undefined ? html`<p>${words}</p>` : html`<div class="alert error" role="alert"><p>${errors.form}</p></div>`}
      ${state === 'ready' ? button(model) : html`<div class="row stretch"><a class="btn primary" href="${model.askPath}">Ask for a link</a></div>`}
    </div>
  </div>`
  return layout({ title, nonce, body, brand, narrow: true })
}

function button(model: OpenLinkModel): SafeHtml {
  return html`<form method="post" action="${model.action}">
    ${hiddenFields(model)}${hidden('token', model.token ?? '')}
    <button class="btn primary full" type="submit">Sign in${model.brand && html` to ${model.brand}`}</button>
  </form>`
}
