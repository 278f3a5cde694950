/** Opens the sealed account: what was in the envelope, typed from paper. Source: WCAG 2.2, 3.3.2, 3.3.8; OWASP ASVS 5.0 6.4.5. */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { errorSummary, field, hiddenFields, noticeOf, titleOf, type PageModel } from './parts.ts'

/** Form: `POST {action}` with `first`, `second`, `next` and the csrf field. */
export interface BreakGlassModel extends PageModel {
  readonly action: string
}

/** Returns the page. What was typed never comes back in it. */
export function breakGlassPage(model: BreakGlassModel): SafeHtml {
  const { nonce, brand, errors, notice, action } = model
  const title = 'Break glass'
  const part = { autocomplete: 'off', type: 'password' } as const
  const body = html`<div class="card">
    <div class="body stack">
      <div>
        <h1>${title}</h1>
        <p class="muted">For the day on which nobody can sign in by the usual ways. It is told to everybody who administers, works once, and lasts for an hour or less.</p>
      </div>
      ${noticeOf(notice)} ${errorSummary(errors, [])}
      <form class="stack" method="post" action="${action}">
        ${hiddenFields(model)}
        ${field({ ...part, name: 'first', label: 'What is in the envelope', hint: 'Dashes, spaces and small letters do not matter.' })}
        ${field({ ...part, name: 'second', label: 'What is in the second envelope', hint: 'Where there are two.', required: false })}
        <div class="row stretch"><button class="btn danger" type="submit">Open the account</button></div>
      </form>
    </div>
  </div>`
  return layout({ title: titleOf(title, errors), nonce, body, brand, narrow: true })
}
