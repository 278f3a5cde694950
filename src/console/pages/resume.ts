/** The page on which a form that waited for a proof is sent, by who sent it first: it says what would be sent, and does nothing by itself. */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { hidden, hiddenFields, type PageModel } from './parts.ts'

/** Form: `POST {path}` with the fields and the csrf field. */
export interface ResumeModel extends PageModel {
  /** Where it goes, with its query. */
  readonly path: string
  /** In their order. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  /** Where the one who leaves it goes. */
  readonly cancel: string
}

/** Returns the page. */
export function resumePage(model: ResumeModel): SafeHtml {
  const { nonce, brand, path, fields, cancel } = model
  const many = fields.length === 1 ? 'one field' : `${fields.length === 0 ? 'no' : fields.length} fields`
  const body = html`<div class="card">
    <div class="body stack">
      <h1>Send your form now?</h1>
      <p>It was not sent yet: it waited until you proved that it is you. Nothing is done until you press the button.</p>
      <dl class="facts">
        <dt>Sends</dt>
        <dd class="mono">POST ${path}</dd>
        <dt>With</dt>
        <dd>${many}, as you filled them in</dd>
      </dl>
      <form method="post" action="${path}">
        ${hiddenFields({ csrf: model.csrf })}${fields.map(([name, value]) => hidden(name, value))}
        <div class="row stretch">
          <button class="btn primary" type="submit">Send it now</button><a class="btn" href="${cancel}">Do not send it</a>
        </div>
      </form>
      <p class="small muted">This page is shown once. Whoever leaves it fills in the form again.</p>
    </div>
  </div>`
  return layout({ title: 'Send your form now?', nonce, body, brand, narrow: true })
}
