/** Asks before something about the second factor that cannot be taken back: removing it, or new recovery codes. */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { accountNav, hiddenFields, pathsOf, type PageModel } from './parts.ts'

/** Form: `POST {base}/factors/totp/remove` or `POST {base}/factors/recovery-codes`, with the csrf field alone. */
export interface ConfirmFactorModel extends PageModel {
  readonly act: 'remove' | 'renew-codes'
  /** Whether another second factor is left after it. @default false */
  readonly remains?: boolean | undefined
}

const texts = {
  remove: {
    path: '/totp/remove',
    title: 'Remove the authenticator app?',
    words:
      'Your password alone will let you in, and whoever learns it. The recovery codes go, too. You will be signed out everywhere else.',
    button: 'Remove it',
    style: 'danger',
  },
  'remove-one': {
    path: '/totp/remove',
    title: 'Remove the authenticator app?',
    words: 'Its codes will let nobody in any more. You will be signed out everywhere else.',
    button: 'Remove it',
    style: 'danger',
  },
  'renew-codes': {
    path: '/recovery-codes',
    title: 'Make new recovery codes?',
    words: 'The codes that you have now will let nobody in any more.',
    button: 'Make new ones',
    style: 'primary',
  },
} as const

/** Returns the page. */
export function confirmFactorPage(model: ConfirmFactorModel): SafeHtml {
  const { nonce, brand, csrf } = model
  const { path, title, words, button, style } = texts[model.act === 'remove' && model.remains === true ? 'remove-one' : model.act]
  const { factors } = pathsOf(model)
  const body = html`<section class="card">
    <div class="body stack">
      <h1>${title}</h1>
      <p>${words}</p>
      <form class="row stretch" method="post" action="${`${factors}${path}`}">
        ${hiddenFields({ csrf })}<button class="btn ${style}" type="submit">${button}</button
        ><a class="btn" href="${factors}">Cancel</a>
      </form>
    </div>
  </section>`
  return layout({ title, nonce, body, brand, ...accountNav(model, 'factors') })
}
