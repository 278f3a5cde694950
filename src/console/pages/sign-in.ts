/**
 * The sign-in page. It says the same whether or not an account exists: the caller gives one sentence for both (OWASP
 * Authentication Cheat Sheet, "Authentication and Error Messages").
 */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { challengePart } from './challenge.ts'
import { checkbox, errorSummary, field, hidden, hiddenFields, noticeOf, pathsOf, titleOf, type PageModel } from './parts.ts'

/** Form: `POST {base}/sign-in` with `login`, `password`, `next` and the csrf field. */
export interface SignInModel extends PageModel<'login' | 'password'> {
  /** Whether the browser may offer passkeys in the field of the name. @default false */
  readonly passkeys?: boolean | undefined
  /** Other ways in, under the form: a link or a form each. @default none */
  readonly offers?: readonly SafeHtml[] | undefined
  /** Words of the box `remember`. @default there is none */
  readonly remember?: string | undefined
  /** Whether it is ticked. */
  readonly remembered?: boolean
}

/** Returns the sign-in page; what was typed as name comes back, the password never. */
export function signInPage(model: SignInModel): SafeHtml {
  const { nonce, brand, login, errors, notice } = model
  const body = html`<div class="card">
    <div class="body stack">
      <div>
        <h1>Sign in</h1>
        ${brand && html`<p class="muted">to ${brand}</p>`}
      </div>
      ${noticeOf(notice)} ${errorSummary(errors, ['login', 'password'])}
      <form class="stack" method="post" action="${pathsOf(model).signIn}">
        ${hiddenFields(model)}${challengePart(model)}
        ${field({
          name: 'login',
          label: 'Name',
          type: 'text',
          value: login,
          maxlength: 254,
          autocomplete: model.passkeys === true ? 'username webauthn' : 'username',
          error: errors?.login,
          autofocus: !login && !errors,
        })}
        ${field({
          name: 'password',
          label: 'Password',
          type: 'password',
          autocomplete: 'current-password',
          error: errors?.password,
          autofocus: Boolean(login) && !errors,
        })}
        ${checkbox('remember', model.remember, model.remembered)}
        <button class="btn primary full" type="submit">Sign in</button>
      </form>
      ${offersOf(model)}
    </div>
  </div>`
  return layout({ title: titleOf('Sign in', errors), nonce, body, brand, narrow: true })
}

function offersOf({ offers = [] }: SignInModel): SafeHtml | undefined {
  return offers.length === 0 ? undefined : html`<div class="offers stack" role="group" aria-label="Other ways">${offers}</div>`
}

/** The button for somebody whom the browser remembers: it leads to the second step. `POST` to `path`. */
export function rememberedForm(model: Pick<PageModel, 'csrf' | 'next'>, path: string): SafeHtml {
  return html`<form method="post" action="${path}">
    ${hiddenFields(model)}${hidden('remember', 'on')}
    <button class="btn full" type="submit">Continue with your second step</button>
  </form>`
}

/** A button for whom another application had signed in. */
export function continueForm({ csrf, next }: Pick<PageModel, 'csrf' | 'next'>, path: string): SafeHtml {
  return html`<form method="post" action="${path}">
    ${hiddenFields({ csrf, next })}<button class="btn full" type="submit">Go on where you were signed in</button>
  </form>`
}
