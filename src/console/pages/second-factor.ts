/**
 * The second step of a sign-in, and the page that asks somebody who is signed in for it again: one field, for a code of the app or a
 * recovery code (WCAG 2.2, 3.3.8: a code may be pasted and filled in by the browser).
 */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { checkbox, errorSummary, field, hiddenFields, pathsOf, titleOf, type PageModel } from './parts.ts'

/** Form: `POST {base}/second-factor` with `code`, `next` and the csrf field. With `login` it is asked of somebody who is signed in. */
export interface SecondFactorModel extends PageModel<'code'> {
  /** Where somebody who is signed in and does not want to goes. Without it the form to leave posts to `{base}/sign-out`. */
  readonly cancel?: string | undefined
  /** Words of the boxes `remember` and `trust`, and whether they are ticked. @default there are none */
  readonly boxes?:
    | {
        readonly remember: string | undefined
        readonly trust: string | undefined
        readonly remembered: boolean
        readonly trusted: boolean
      }
    | undefined
}

/** Returns the page; a code that was typed never comes back. */
export function secondFactorPage(model: SecondFactorModel): SafeHtml {
  const { nonce, brand, login, errors, cancel, boxes } = model
  const title = login === undefined ? 'Second step' : 'Confirm it is you'
  const why =
    login === undefined
      ? 'Your password was right. Now a code of your authenticator app.'
      : 'What you are about to do needs a code of your authenticator app.'
  const body = html`<div class="card">
    <div class="body stack">
      <div>
        <h1>${title}</h1>
        <p class="muted">${why}</p>
      </div>
      ${errorSummary(errors, ['code'])}
      <form class="stack" method="post" action="${pathsOf(model).secondFactor}">
        ${hiddenFields(model)}
        ${field({
          name: 'code',
          label: 'Code',
          hint: 'The six digits in the app. Without it: one of your recovery codes.',
          type: 'text',
          maxlength: 64,
          autocomplete: 'one-time-code',
          error: errors?.code,
          autofocus: !errors,
        })}
        ${checkbox('trust', boxes?.trust, boxes?.trusted)} ${checkbox('remember', boxes?.remember, boxes?.remembered)}
        <div class="row stretch">
          <button class="btn primary" type="submit">Continue</button>${cancel && html`<a class="btn" href="${cancel}">Cancel</a>`}
        </div>
      </form>
      ${cancel === undefined && leave(model)}
    </div>
  </div>`
  return layout({ title: titleOf(title, errors), nonce, body, brand, narrow: true })
}

/** Leaving ends what waits on the server, too. */
function leave(model: SecondFactorModel): SafeHtml {
  return html`<form method="post" action="${pathsOf(model).signOut}">
    ${hiddenFields({ csrf: model.csrf })}<button class="btn quiet small" type="submit">Sign in as somebody else</button>
  </form>`
}
