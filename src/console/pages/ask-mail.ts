/** Asks for the name or address to which a letter goes that signs in, and says afterwards the same to everybody (OWASP Authentication Cheat Sheet). */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { challengePart } from './challenge.ts'
import { errorSummary, field, hiddenFields, pathsOf, titleOf, type PageModel } from './parts.ts'

/** Form: `POST {action}` with `login`, `next` and the csrf field. */
export interface AskMailModel extends PageModel<'login'> {
  readonly action: string
  /** What the letter holds. */
  readonly holds: 'link' | 'code'
  /** The letter is on its way, if there is anybody to get it. */
  readonly asked?: boolean
}

const TEXTS = {
  link: { title: 'Sign in by a link', what: 'a link that signs you in. Open it in this browser', button: 'Send me a link' },
  code: { title: 'Sign in by a code', what: 'a code that you type here', button: 'Send me a code' },
} as const

/** Returns the page; what was typed comes back. */
export function askMailPage(model: AskMailModel): SafeHtml {
  const { nonce, brand, login, errors, action, holds, asked = false } = model
  const { title, what, button } = TEXTS[holds]
  if (asked) return sent(model)
  const body = html`<div class="card">
    <div class="body stack">
      <div>
        <h1>${title}</h1>
        <p class="muted">We send you ${what}, to the address of mail that we know and that is verified.</p>
      </div>
      ${errorSummary(errors, ['login'])}
      <form class="stack" method="post" action="${action}">
        ${hiddenFields(model)}${challengePart(model)}
        ${field({
          name: 'login',
          label: 'Name or address of mail',
          type: 'text',
          value: login,
          maxlength: 254,
          autocomplete: 'username',
          error: errors?.login,
          autofocus: !errors,
        })}
        <div class="row stretch">
          <button class="btn primary" type="submit">${button}</button><a class="btn" href="${pathsOf(model).signIn}">Back</a>
        </div>
      </form>
    </div>
  </div>`
  return layout({ title: titleOf(title, errors), nonce, body, brand, narrow: true })
}

function sent(model: AskMailModel): SafeHtml {
  const { nonce, brand, action } = model
  const body = html`<div class="card">
    <div class="body stack">
      <h1>Look into your mail</h1>
      <div role="status">
        <p>If there is an account of this name with a verified address, a link is on its way to it.</p>
        <p>Open it in this browser: it is good nowhere else.</p>
      </div>
      <div class="row stretch">
        <a class="btn" href="${action}">Ask again</a><a class="btn quiet" href="${pathsOf(model).signIn}">Back</a>
      </div>
    </div>
  </div>`
  return layout({ title: 'Look into your mail', nonce, body, brand, narrow: true })
}
