/** Where somebody who forgot the password asks for a letter; it says the same whoever asks (OWASP Forgot Password Cheat Sheet). */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { challengePart } from './challenge.ts'
import { errorSummary, field, hiddenFields, pathsOf, titleOf, type PageModel } from './parts.ts'

/** Form: `POST {action}` with `who` and the csrf field. */
export interface RecoverModel extends PageModel<'who'> {
  readonly action: string
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
        ${hiddenFields({ csrf })}${challengePart(model)}
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
