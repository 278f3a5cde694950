/**
 * The second step of a sign-in, and the page that asks somebody who is signed in for it again: one field, for a code of the app or a
 * recovery code (WCAG 2.2, 3.3.8: a code may be pasted and filled in by the browser).
 */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { checkbox, errorSummary, field, hiddenFields, noticeOf, pathsOf, titleOf, type PageModel } from './parts.ts'

/** Form: `POST {base}/second-factor` with `code`, `next` and the csrf field. With `login` it is asked of somebody who is signed in. */
export interface SecondFactorModel extends PageModel<'code'> {
  /** Where somebody who is signed in and does not want to goes. Without it the form to leave posts to `{base}/sign-out`. */
  readonly cancel?: string | undefined
  /** What they can prove with. @default an authenticator app and recovery codes */
  readonly kinds?: readonly string[] | undefined
  /** Other ways, under the form. @default none */
  readonly offers?: readonly SafeHtml[] | undefined
  /** Words of the boxes `remember` and `trust`, and whether they are ticked. @default there are none */
  readonly boxes?:
    | {
        readonly remember: string | undefined
        readonly trust: string | undefined
        readonly remembered: boolean
        readonly trusted: boolean
      }
    | undefined
  /** Where somebody goes who has neither the app nor a recovery code. @default nowhere */
  readonly lost?: string | undefined
}

/** Returns the page; a code that was typed never comes back. */
export function secondFactorPage(model: SecondFactorModel): SafeHtml {
  const { nonce, brand, login, errors, cancel, notice, boxes } = model
  const title = login === undefined ? 'Second step' : 'Confirm it is you'
  const [why, hint] = wordsFor(model)
  const keyFirst = hasKeysAlone(model)
  const body = html`<div class="card">
    <div class="body stack">
      <div>
        <h1>${title}</h1>
        <p class="muted">${why}</p>
      </div>
      ${noticeOf(notice)} ${errorSummary(errors, ['code'])} ${keyFirst && offersOf(model)}
      <form class="stack" method="post" action="${pathsOf(model).secondFactor}">
        ${hiddenFields(model)}
        ${field({
          name: 'code',
          label: keyFirst ? 'Recovery code' : 'Code',
          hint,
          type: 'text',
          maxlength: 64,
          autocomplete: 'one-time-code',
          error: errors?.code,
          autofocus: !errors && !keyFirst,
        })}
        ${checkbox('trust', boxes?.trust, boxes?.trusted)} ${checkbox('remember', boxes?.remember, boxes?.remembered)}
        <div class="row stretch">
          <button class="btn ${keyFirst ? '' : 'primary'}" type="submit">Continue</button>
          ${cancel && html`<a class="btn" href="${cancel}">Cancel</a>`}
        </div>
      </form>
      ${!keyFirst && offersOf(model)} ${cancel === undefined && lostLink(model)} ${cancel === undefined && leave(model)}
    </div>
  </div>`
  return layout({ title: titleOf(title, errors), nonce, body, brand, narrow: true })
}

/** Whoever has nothing to type but recovery codes is shown the other way first. */
function hasKeysAlone({ kinds = [] }: SecondFactorModel): boolean {
  return kinds.includes('passkey') && kinds.every((kind) => kind === 'passkey' || kind === 'recovery-codes')
}

/** Why, and what the field takes; by what this user has. */
function wordsFor(model: SecondFactorModel): readonly [why: string, hint: string] {
  const { login, kinds = ['totp'] } = model
  const begin = login === undefined ? 'The first step was right. Now' : 'What you are about to do needs'
  const app = 'a code of your authenticator app'
  const key = 'your passkey or security key'
  if (kinds.includes('email'))
    return [
      `${begin} a code that we send you by mail.`,
      'The eight digits of the letter. Without it: one of your recovery codes.',
    ]
  if (hasKeysAlone(model)) return [`${begin} ${key}.`, 'If the device is not at hand.']
  if (kinds.includes('passkey'))
    return [`${begin} ${key}, or ${app}.`, 'The six digits in the app, or one of your recovery codes.']
  if (kinds.length > 0 && kinds.every((kind) => kind === 'recovery-codes'))
    return [`${begin} one of your recovery codes. With your password, a code by mail will do.`, 'A recovery code.']
  return [`${begin} ${app}.`, 'The six digits in the app. Without it: one of your recovery codes.']
}

function offersOf({ offers = [] }: SecondFactorModel): SafeHtml | undefined {
  return offers.length === 0 ? undefined : html`<div class="offers stack" role="group" aria-label="Other ways">${offers}</div>`
}

function lostLink({ lost, kinds = [] }: SecondFactorModel): SafeHtml | undefined {
  const words = kinds.includes('passkey') ? 'I have lost all of these' : 'I have lost both'
  return lost === undefined ? undefined : html`<p class="small"><a href="${lost}">${words}</a></p>`
}

/** Leaving ends what waits on the server, too. */
function leave(model: SecondFactorModel): SafeHtml {
  return html`<form method="post" action="${pathsOf(model).signOut}">
    ${hiddenFields({ csrf: model.csrf })}<button class="btn quiet small" type="submit">Sign in as somebody else</button>
  </form>`
}
