/** The page of a link with which somebody makes their account, after sign-up or an invitation. */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { errorSummary, field, hidden, hiddenFields, titleOf, type PageModel } from './parts.ts'
import { passwordFields } from './password-fields.ts'

/** The inputs of the form, in order. */
export type NewAccountField = 'login' | 'displayName' | 'password' | 'passwordAgain'

/** Form: `POST {action}` with `token`, `login` where it is asked for, `displayName`, `password`, `passwordAgain` and the csrf field. */
export interface NewAccountModel extends PageModel<NewAccountField> {
  readonly action: string
  /** What the link holds. */
  readonly token: string
  /** The address that the link is bound to; it is shown and cannot be changed. */
  readonly address: string
  /** What is said above the form. */
  readonly words: string
  /** Whether people choose a name to sign in with. */
  readonly asksLogin: boolean
  /** Where somebody goes who would rather have a passkey than a password. @default there is none */
  readonly instead?: string | undefined
  readonly displayName?: string | undefined
  /** Least number of characters of a password, as the policy wants it. @default 15 (NIST SP 800-63B-4, 3.1.1.2) */
  readonly passwordLength?: number | undefined
}

const order: readonly NewAccountField[] = ['login', 'displayName', 'password', 'passwordAgain']

/** Returns the page; the passwords never come back, the names do. */
export function newAccountPage(model: NewAccountModel): SafeHtml {
  const { nonce, brand, errors, action, token, words } = model
  const body = html`<div class="card">
    <div class="body stack">
      <div>
        <h1>Create your account</h1>
        <p class="muted">${words}</p>
      </div>
      ${errorSummary(errors, order)}
      <form class="stack" method="post" action="${action}">
        ${hiddenFields(model)}${hidden('token', token)} ${inputs(model)}
        <button class="btn primary full" type="submit">Create the account</button>
      </form>
      ${model.instead && html`<p><a href="${model.instead}">Use a passkey instead of a password</a></p>`}
    </div>
  </div>`
  return layout({ title: titleOf('Create your account', errors), nonce, body, brand, narrow: true })
}

/** All of them. */
function inputs(model: NewAccountModel): SafeHtml[] {
  const { errors, passwordLength: shortest } = model
  return [...nameInputs(model), passwordFields('Password', { shortest, errors })]
}

/** Those that a passkey leaves. */
export function nameInputs({ address, asksLogin, login, displayName, errors }: NewAccountModel): SafeHtml[] {
  return [
    field({
      name: 'address',
      label: asksLogin ? 'Your address' : 'Your address, with which you sign in',
      type: 'text',
      value: address,
      maxlength: 254,
      readonly: true,
      autocomplete: asksLogin ? 'email' : 'username',
    }),
    ...(asksLogin
      ? [
          field({
            name: 'login',
            label: 'Name to sign in with',
            type: 'text',
            value: login,
            maxlength: 254,
            autocomplete: 'username',
            error: errors?.login,
            autofocus: !errors,
          }),
        ]
      : []),
    field({
      name: 'displayName',
      label: 'Display name',
      hint: 'Others see it, for example Mira Raman.',
      type: 'text',
      value: displayName,
      maxlength: 200,
      autocomplete: 'name',
      error: errors?.displayName,
      autofocus: !errors && !asksLogin,
    }),
  ]
}
