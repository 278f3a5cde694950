/** The page that asks for an address to make an account with. What follows is the same for every address (CWE-204). */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { challengePart } from './challenge.ts'
import { errorSummary, field, hiddenFields, pathsOf, titleOf, type PageModel } from './parts.ts'

/** Form: `POST {action}` with `address` and the csrf field. */
export interface SignUpModel extends PageModel<'address'> {
  readonly action: string
  /** What was typed. */
  readonly address?: string | undefined
}

/** Returns the page. */
export function signUpPage(model: SignUpModel): SafeHtml {
  const { nonce, brand, errors, action, address } = model
  const body = html`<div class="card">
    <div class="body stack">
      <div>
        <h1>Create an account</h1>
        ${brand && html`<p class="muted">at ${brand}</p>`}
      </div>
      ${errorSummary(errors, ['address'])}
      <form class="stack" method="post" action="${action}">
        ${hiddenFields(model)}${challengePart(model)}
        ${field({
          name: 'address',
          label: 'Your address of mail',
          hint: 'You get a letter with a link there.',
          type: 'text',
          value: address,
          maxlength: 254,
          autocomplete: 'email',
          error: errors?.address,
          autofocus: !errors,
        })}
        <button class="btn primary full" type="submit">Send the letter</button>
      </form>
      <p>You have one? <a href="${pathsOf(model).signIn}">Sign in</a></p>
    </div>
  </div>`
  return layout({ title: titleOf('Create an account', errors), nonce, body, brand, narrow: true })
}
