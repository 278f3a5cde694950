/**
 * Asks for the password again before something that must not happen in an unlocked browser someone left (OWASP ASVS 5.0, 7.5.1
 * and 7.5.3): the step of a route that requires a recent proof.
 */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { errorSummary, field, hiddenFields, noticeOf, pathsOf, titleOf, type PageModel } from './parts.ts'

/** Form: `POST {base}/re-authenticate` with `login`, `password`, `next` and the csrf field. */
export interface ReAuthenticateModel extends PageModel<'password'> {
  /** How long ago the last proof may be, in words: "5 minutes". */
  readonly within?: string | undefined
  /** Where the one who does not want to goes. @default '/' */
  readonly cancel?: string | undefined
  /** Other ways, under the form: a link each. For who has no password. @default none */
  readonly offers?: readonly SafeHtml[] | undefined
}

/** Returns the page that asks for the password; the name is shown, cannot be changed, and lets a password manager find the entry. */
export function reAuthenticatePage(model: ReAuthenticateModel): SafeHtml {
  const { nonce, brand, login, errors, notice, within, cancel = '/', offers = [] } = model
  const why = within
    ? `What you are about to do needs your password, given in the last ${within}.`
    : 'What you are about to do needs your password once more.'
  const body = html`<div class="card">
    <div class="body stack">
      <div>
        <h1>Confirm it is you</h1>
        <p class="muted">${why}</p>
      </div>
      ${noticeOf(notice)} ${errorSummary(errors, ['password'])}
      <form class="stack" method="post" action="${pathsOf(model).reAuthenticate}">
        ${hiddenFields(model)}
        ${login && field({ name: 'login', label: 'Name', type: 'text', value: login, maxlength: 254, autocomplete: 'username', readonly: true })}
        ${field({
          name: 'password',
          label: 'Password',
          type: 'password',
          autocomplete: 'current-password',
          error: errors?.password,
          autofocus: !errors,
        })}
        <div class="row stretch">
          <button class="btn primary" type="submit">Continue</button><a class="btn" href="${cancel}">Cancel</a>
        </div>
      </form>
      ${offers}
    </div>
  </div>`
  return layout({ title: titleOf('Confirm it is you', errors), nonce, body, brand, narrow: true })
}
