/**
 * The form of a new password for somebody who has no session: behind the link of a letter, or where a password has had its time. The
 * name stands in it so that a password manager knows whose it is (OWASP ASVS 5.0, 6.2.7; OWASP Forgot Password Cheat Sheet).
 */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { errorSummary, field, hidden, hiddenFields, noticeOf, titleOf, type PageModel } from './parts.ts'
import { passwordFields, type PasswordField } from './password-fields.ts'

/** Form: `POST {action}` with `password`, `passwordAgain`, `token` and the csrf field. */
export interface ChoosePasswordModel extends PageModel<PasswordField> {
  readonly action: string
  /** Of the link; absent where a cookie says who it is. */
  readonly token?: string | undefined
  /** The fewest characters. */
  readonly shortest: number
  /** One sentence: why it is asked for. */
  readonly why: string
}

/** Returns the page; what was typed never comes back. */
export function choosePasswordPage(model: ChoosePasswordModel): SafeHtml {
  const { nonce, brand, csrf, login, errors, notice, action, token, shortest, why } = model
  const body = html`<div class="card">
    <div class="body stack">
      <div>
        <h1>Choose a new password</h1>
        <p class="muted">${why}</p>
      </div>
      ${noticeOf(notice)} ${errorSummary(errors, ['password', 'passwordAgain'])}
      <form class="stack" method="post" action="${action}">
        ${hiddenFields({ csrf })}${token && hidden('token', token)}
        ${login && field({ name: 'login', label: 'Name', type: 'text', value: login, maxlength: 254, autocomplete: 'username', readonly: true })}
        ${passwordFields('New password', { shortest, errors })}
        <button class="btn primary full" type="submit">Set the password</button>
      </form>
      <p class="small muted">You will be signed out everywhere, and sign in with the new one.</p>
    </div>
  </div>`
  return layout({ title: titleOf('Choose a new password', errors), nonce, body, brand, narrow: true })
}
