/**
 * The set-up page: the one who can read the server's output proves it with a one-time code and becomes the first administrator.
 * Without the code, whoever finds a fresh installation first would own it (CWE-1188).
 */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { errorSummary, field, hiddenFields, noticeOf, pathsOf, titleOf, type PageModel } from './parts.ts'
import { passwordFields } from './password-fields.ts'

/** The inputs of the form, in order. */
export type SetUpField = 'code' | 'login' | 'displayName' | 'address' | 'password' | 'passwordAgain'

/** Form: `POST {base}/set-up` with `code`, `login`, `displayName`, `address`, `password`, `passwordAgain`, `next` and the csrf field. */
export interface SetUpModel extends PageModel<SetUpField> {
  /** What was typed as display name. */
  readonly displayName?: string | undefined
  /** What was typed as address of mail. */
  readonly address?: string | undefined
  /** Least number of characters of a password, as the policy wants it. @default 15 (NIST SP 800-63B-4, 3.1.1.2) */
  readonly passwordLength?: number | undefined
}

const order: readonly SetUpField[] = ['code', 'login', 'displayName', 'address', 'password', 'passwordAgain']

const steps = html`<aside aria-label="What happens here">
  <ol class="stack">
    <li>
      <span class="step" aria-hidden="true">1</span
      ><span
        ><b>Prove this server is yours</b
        ><span class="small muted">The server printed a code when it started. It works once.</span></span
      >
    </li>
    <li>
      <span class="step" aria-hidden="true">2</span
      ><span
        ><b>Create the first administrator</b
        ><span class="small muted">This account can do everything. Add a second person soon.</span></span
      >
    </li>
    <li>
      <span class="step" aria-hidden="true">3</span
      ><span><b>Sign in</b><span class="small muted">Set-up closes and does not open again by itself.</span></span>
    </li>
  </ol>
</aside>`

/** Returns the set-up page; the code and the passwords never come back, the names do. */
export function setUpPage(model: SetUpModel): SafeHtml {
  const { nonce, brand, errors, notice } = model
  const body = html`<div class="wizard">
    ${steps}
    <div class="body stack">
      <div>
        <h1>Create the first administrator</h1>
        <p class="muted">Nobody can sign in yet. Start with yourself.</p>
      </div>
      ${noticeOf(notice)} ${errorSummary(errors, order)}
      <form class="stack" method="post" action="${pathsOf(model).setUp}">
        ${hiddenFields(model)} ${inputs(model)}
        <div class="row stretch"><button class="btn primary" type="submit">Create administrator</button></div>
      </form>
    </div>
  </div>`
  return layout({ title: titleOf('Set up', errors), nonce, body, brand, narrow: true })
}

function inputs({ login, displayName, address, errors, passwordLength }: SetUpModel): SafeHtml[] {
  return [
    field({
      name: 'code',
      label: 'One-time code',
      hint: 'From the output of the server.',
      type: 'text',
      maxlength: 128,
      autocomplete: 'one-time-code',
      error: errors?.code,
      autofocus: !errors,
    }),
    field({
      name: 'login',
      label: 'Name to sign in with',
      hint: 'For example mira, or an email address.',
      type: 'text',
      value: login,
      maxlength: 254,
      autocomplete: 'username',
      error: errors?.login,
    }),
    field({
      name: 'displayName',
      label: 'Display name',
      hint: 'Others see it, for example Mira Raman.',
      type: 'text',
      value: displayName,
      maxlength: 128,
      autocomplete: 'name',
      error: errors?.displayName,
    }),
    field({
      name: 'address',
      label: 'Address of mail (optional)',
      hint: 'For links to sign in and for warnings, once it is verified.',
      type: 'text',
      value: address,
      maxlength: 254,
      autocomplete: 'email',
      required: false,
      error: errors?.address,
    }),
    passwordFields('Password', { shortest: passwordLength, errors }),
  ]
}
