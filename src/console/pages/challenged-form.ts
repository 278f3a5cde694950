/** A form of the application once more, because the work was missing: nothing that was typed is lost, and it works without JavaScript, too. */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { challengePart } from './challenge.ts'
import { hidden, hiddenFields, type PageModel } from './parts.ts'

export interface ChallengedFormModel extends PageModel {
  /** Where the form goes. */
  readonly action: string
  /** What was typed. */
  readonly fields: readonly (readonly [name: string, value: string])[]
}

/** Returns the page with one button. */
export function challengedFormPage(model: ChallengedFormModel): SafeHtml {
  const { nonce, brand, action, fields, csrf } = model
  const title = 'One more step'
  const words =
    'What you wrote is still here. Your browser has some work to do before it is sent, so that programs do not send it by the thousand.'
  const body = html`<div class="card">
    <div class="body stack">
      <h1>${title}</h1>
      <form class="stack" method="post" action="${action}">
        ${hiddenFields({ csrf })}${fields.map(([name, value]) => hidden(name, value))}
        ${challengePart(model, words)}
        <div class="row stretch"><button class="btn primary" type="submit">Send it</button></div>
      </form>
    </div>
  </div>`
  return layout({ title, nonce, body, brand, narrow: true })
}
