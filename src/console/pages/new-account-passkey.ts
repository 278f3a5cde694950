/** The page with which somebody who has a link makes their account with a passkey and no password. */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { nameInputs, type NewAccountModel } from './new-account.ts'
import { hidden } from './parts.ts'
import { passkeyForm } from './passkey-form.ts'

/** Form: `POST {action}` with `token`, `login` where it is asked for, `displayName`, `response` and the csrf field. */
export interface NewAccountPasskeyModel extends NewAccountModel {
  /** Where the script asks what to sign. */
  readonly options: string
  readonly script: string
}

/** Returns the page. `instead` leads to the one with a password. */
export function newAccountPasskeyPage(model: NewAccountPasskeyModel): SafeHtml {
  const { nonce, brand, token, words, instead } = model
  const fields = html`${hidden('token', token)}${nameInputs(model)}`
  const buttons = [{ label: 'Create the account with a passkey', name: 'token', value: token, primary: true }]
  const body = html`<div class="card">
    <div class="body stack">
      <div>
        <h1>Create your account</h1>
        <p class="muted">${words}</p>
      </div>
      ${passkeyForm({ ...model, ceremony: 'create', fields, buttons })}
      ${instead && html`<p><a href="${instead}">Choose a password instead</a></p>`}
    </div>
  </div>`
  return layout({ title: 'Create your account', nonce, body, brand, narrow: true })
}
