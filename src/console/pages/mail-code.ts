/** The field for the code of a letter (WCAG 2.2, 3.3.8: it may be pasted, and be filled in by the browser). */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { errorSummary, field, hiddenFields, titleOf, type PageModel } from './parts.ts'

/** Form: `POST {action}` with `code`, `next` and the csrf field. */
export interface MailCodeModel extends PageModel<'code'> {
  readonly action: string
  /** Where another code is asked for. */
  readonly askPath: string
}

/** Returns the page; a code that was typed never comes back. */
export function mailCodePage(model: MailCodeModel): SafeHtml {
  const { nonce, brand, errors, action, askPath } = model
  const title = 'Type the code of the letter'
  const body = html`<div class="card">
    <div class="body stack">
      <div>
        <h1>${title}</h1>
        <p class="muted" role="status">If there is an account of this name with a verified address, a code is on its way to it. It is good for ten minutes.</p>
      </div>
      ${errorSummary(errors, ['code'])}
      <form class="stack" method="post" action="${action}">
        ${hiddenFields(model)} ${mailCodeField(errors)}
        <div class="row stretch">
          <button class="btn primary" type="submit">Sign in</button><a class="btn" href="${askPath}">Ask for another code</a>
        </div>
      </form>
    </div>
  </div>`
  return layout({ title: titleOf(title, errors), nonce, body, brand, narrow: true })
}

/** The input itself. */
export function mailCodeField(errors: PageModel<'code'>['errors']): SafeHtml {
  return field({
    name: 'code',
    label: 'Code',
    hint: 'Eight digits. Only the newest letter counts.',
    type: 'text',
    maxlength: 64,
    autocomplete: 'one-time-code',
    error: errors?.code,
    autofocus: !errors,
  })
}
