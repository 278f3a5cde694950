/** One's address of mail, for the person: what it is, whether it is verified, the button that sends the letter, and another one. */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { accountNav, errorSummary, field, hiddenFields, noticeOf, titleOf, type PageModel } from './parts.ts'

/** Forms: `POST {action}` with the csrf field alone; `POST {changeAction}` with `address`. */
export interface AddressModel extends PageModel<'address'> {
  readonly action: string
  readonly changeAction: string
  /** What was typed as the next one, where it was refused. */
  readonly given?: string | undefined
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
    ${noticeOf(notice)} ${errorSummary(errors, ['address'])}
    <section class="card" aria-label="Your address"><div class="body stack">${stateOf(model)}</div></section>
    ${model.mail && another(model)}`
  return layout({ title: titleOf('Address', errors), nonce, body, brand, ...accountNav(model, 'address') })
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

function another({ changeAction, csrf, errors, given }: AddressModel): SafeHtml {
  return html`<section class="card" aria-label="Another address">
    <form class="body stack" method="post" action="${changeAction}">
      ${hiddenFields({ csrf })}
      ${field({
        name: 'address',
        label: 'Another address',
        hint: 'It counts when you have opened the link that we send to it. Then you are signed out in other browsers.',
        type: 'text',
        value: given,
        maxlength: 256,
        autocomplete: 'email',
        error: errors?.address,
      })}
      <div class="row stretch"><button class="btn primary" type="submit">Send a letter to it</button></div>
    </form>
  </section>`
}
