/**
 * One's password: replaced by who knows it or has just proved who they are (OWASP ASVS 5.0, 6.2.2 and 6.2.3). Where somebody wants the
 * second factor removed, it says so and stops it.
 */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { timeOf } from '../time.ts'
import { accountNav, errorSummary, field, hiddenFields, noticeOf, titleOf, type PageModel } from './parts.ts'
import { passwordFields, type PasswordField } from './password-fields.ts'

export type ChangePasswordField = 'current' | PasswordField

/** Forms: `POST {action}` with `current`, `password`, `passwordAgain`; `POST {action}/cancel-recovery`; both with the csrf field. */
export interface PasswordModel extends PageModel<ChangePasswordField> {
  readonly action: string
  /** Whether the password there is has to be given, too. */
  readonly asksCurrent: boolean
  readonly shortest: number
  /** When somebody may remove the second factor, in milliseconds since 1970; absent where nobody asked for it. */
  readonly recoveryDue?: number | undefined
  /** What is said of the password that was typed. */
  readonly strength?: string | undefined
  /** Whether there is a button that says it. */
  readonly saysStrength?: boolean
}

/** Returns the page; no password that was typed comes back. */
export function passwordPage(model: PasswordModel): SafeHtml {
  const { nonce, brand, errors, notice } = model
  const body = html`<div class="head">
      <div>
        <h1>Password</h1>
        <p class="muted">Long is better than odd. Use it here and nowhere else.</p>
      </div>
    </div>
    ${noticeOf(notice)} ${errorSummary(errors, ['current', 'password', 'passwordAgain'])} ${recoveryAlert(model)}
    <section class="card" aria-label="Change the password">${formOf(model)}</section>`
  return layout({ title: titleOf('Password', errors), nonce, body, brand, ...accountNav(model, 'password') })
}

function formOf(model: PasswordModel): SafeHtml {
  const { csrf, login, action, asksCurrent, shortest, errors, strength, saysStrength } = model
  return html`<form class="body stack" method="post" action="${action}">
    ${hiddenFields({ csrf })}
    ${login && field({ name: 'login', label: 'Name', type: 'text', value: login, maxlength: 254, autocomplete: 'username', readonly: true })}
    ${
      asksCurrent &&
      field({
        name: 'current',
        label: 'Current password',
        type: 'password',
        autocomplete: 'current-password',
        error: errors?.current,
      })
    }
    ${passwordFields('New password', { shortest, errors, hint: strength })}
    <p class="small muted">You will be signed out everywhere else.</p>
    <div class="row stretch">
      <button class="btn primary" type="submit">Change the password</button>
      ${saysStrength && html`<button class="btn" type="submit" name="check" value="on">How strong is it?</button>`}
    </div>
  </form>`
}

function recoveryAlert({ csrf, action, recoveryDue }: PasswordModel): SafeHtml | undefined {
  if (recoveryDue === undefined) return undefined
  return html`<div class="alert warn" role="alert">
    <h2>Somebody says that your second factor is lost</h2>
    <p>From ${timeOf(recoveryDue)} on it can be removed. If that was not you, stop it, and change your password.</p>
    <form method="post" action="${`${action}/cancel-recovery`}">
      ${hiddenFields({ csrf })}<button class="btn danger" type="submit">Stop it</button>
    </form>
  </div>`
}
