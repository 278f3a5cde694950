/** The part of a form that asks for work; its script does it while the form is filled in. Without JavaScript it says how to go on. */
import { html, type SafeHtml } from '../../html/html.ts'
import { hidden, type PageModel } from './parts.ts'

/** Nothing where none is asked for. It stands within the form. */
export function challengePart(
  { challenge, nonce }: Pick<PageModel, 'challenge' | 'nonce'>,
  words = 'Your browser has some work to do before the form is looked at. It keeps programs from guessing passwords here.',
): SafeHtml | undefined {
  if (challenge === undefined) return undefined
  if (challenge.widget) {
    return html`<div class="alert info">
      ${hidden('challenge', challenge.challenge)}${hidden('solution', '')}
      <p>Show that you are no program.</p>
      ${challenge.widget}
      ${challenge.waits !== false && html`<noscript><p>Without JavaScript: fill in the form, wait for a minute, and send it then.</p></noscript>`}
    </div>`
  }
  return html`<div class="alert info" data-bits="${String(challenge.bits)}">
      ${hidden('challenge', challenge.challenge)}${hidden('solution', '')}
      <p>${words}</p>
      <p class="small" role="status"></p>
      <noscript><p>Without JavaScript: fill in the form, wait for a minute, and send it then.</p></noscript>
    </div>
    <script type="module" nonce="${nonce}" src="${challenge.script}"></script>`
}
