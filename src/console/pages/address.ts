/** One's address of mail, for the person: what it is, whether it is verified, and the button that sends the letter. */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { accountNav, errorSummary, hiddenFields, noticeOf, titleOf, type PageModel } from './parts.ts'

/** Form: `POST {action}` with the csrf field alone. */
export interface AddressModel extends PageModel {
  readonly action: string
  /** The address; absent when there is none. */
  readonly address?: string | undefined
  readonly verified: boolean
  /** Whether letters are sent. */
  readonly mail: boolean
  /** Whether nothing else works before the address is verified. */
  readonly required: boolean
}

/** Returns the page. */
export function addressPage(model: AddressModel): SafeHtml {
  const { nonce, brand, errors, notice } = model
  const body = html`<div class="head">
      <div>
        <h1>Address</h1>
        <p class="muted">Where letters about your account go.</p>
      </div>
    </div>
    ${noticeOf(notice)} ${errorSummary(errors, [])}
    <section class="card" aria-label="Your address"><div class="body stack">${stateOf(model)}</div></section>`
  return layout({ title: titleOf('Address', errors), nonce, body, brand, nav: accountNav(model, 'address') })
}

function stateOf(model: AddressModel): SafeHtml {
  const { address, verified, required, mail } = model
  if (address === undefined)
    return html`<p>There is no address. ${required ? 'Until there is one that is confirmed, nothing else works. Ask' : 'Ask'} an administrator to set it.</p>`
  if (verified) return html`<p><b>${address}</b> <span class="badge ok">confirmed</span></p>`
  return html`<p><b>${address}</b> <span class="badge warn">not confirmed</span></p>
    ${required && html`<p>Nothing else works until you have confirmed it.</p>`} ${mail && send(model)}`
}

function send({ action, csrf, next }: AddressModel): SafeHtml {
  return html`<form method="post" action="${action}">
    ${hiddenFields({ csrf, next })}<button class="btn primary" type="submit">Send the letter that confirms it</button>
  </form>`
}
