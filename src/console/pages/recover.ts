/** Where somebody who forgot the password asks for a letter; it says the same whoever asks (OWASP Forgot Password Cheat Sheet). */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { errorSummary, field, hiddenFields, pathsOf, titleOf, type PageModel } from './parts.ts'

/** Form: `POST {action}` with `who` and the csrf field. */
export interface RecoverModel extends PageModel<'who'> {
  readonly action: string
  /** How long the link is good for, in minutes. */
  readonly minutes: number
}

/** Returns the form. */
export function recoverPage(model: RecoverModel): SafeHtml {
  const { nonce, brand, csrf, errors, action } = model
  const body = html`<div class="card">
    <div class="body stack">
      <div>
        <h1>Forgot the password?</h1>
        <p class="muted">We write to the address of your account, with a link to choose a new one.</p>
      </div>
      ${errorSummary(errors, ['who'])}
      <form class="stack" method="post" action="${action}">
        ${hiddenFields({ csrf })}
        ${field({
          name: 'who',
          label: 'Name or email address',
          type: 'text',
          maxlength: 254,
          autocomplete: 'username',
          error: errors?.who,
          autofocus: !errors,
        })}
        <div class="row stretch">
          <button class="btn primary" type="submit">Send the letter</button><a class="btn" href="${pathsOf(model).signIn}">Cancel</a>
        </div>
      </form>
    </div>
  </div>`
  return layout({ title: titleOf('Forgot the password?', errors), nonce, body, brand, narrow: true })
}

/** Returns what stands there afterwards. Nothing in it depends on what was typed. */
export function recoverSentPage(model: Omit<RecoverModel, 'action'>): SafeHtml {
  const { nonce, brand, minutes } = model
  const body = html`<div class="card">
    <div class="body stack">
      <h1>Look into your mail</h1>
      <p>
        If there is such an account, and its address is verified, a letter is on its way. The link in it is good for ${minutes} minutes.
      </p>
      <p class="small muted">
        Nothing came? Look among the unwanted mail, and check the name. Without a verified address only those who run this site can help.
      </p>
      <p><a class="btn" href="${pathsOf(model).signIn}">Back to the sign-in</a></p>
    </div>
  </div>`
  return layout({ title: 'Look into your mail', nonce, body, brand, narrow: true })
}
