/** Codes in letters as one's second factor: whether they count, and the code that turns them on. */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { mailCodeField } from './mail-code.ts'
import { accountNav, errorSummary, hiddenFields, noticeOf, titleOf, type PageModel } from './parts.ts'

/** Forms: `POST {path}/send`, `{path}/confirm` with `code`, `{path}/remove`, each with the csrf field. */
export interface MailFactorModel extends PageModel<'code'> {
  readonly path: string
  /** `typing`: a letter was sent, and its code turns them on. `needless`: there is a better factor. */
  readonly state: 'off' | 'typing' | 'on' | 'needless'
}

const WORDS = {
  off: 'At each sign-in we would ask for a code that we send to your address of mail. It is the weakest second step: whoever reads your mail gets past it. An authenticator app or a passkey is better.',
  typing: 'A code is on its way to your address of mail. Type it here, and codes in letters are your second factor.',
  on: 'At each sign-in we ask for a code that we send to your address of mail. An authenticator app or a passkey is better.',
  needless: 'You have a better second factor, so no code is sent to you.',
} as const

/** Returns the page. */
export function mailFactorPage(model: MailFactorModel): SafeHtml {
  const { nonce, brand, errors, notice, state } = model
  const title = 'Codes by mail'
  const body = html`<h1>${title}</h1>
    ${noticeOf(notice)} ${errorSummary(errors, ['code'])}
    <section class="card">
      <div class="body stack">
        <p>${WORDS[state]}</p>
        ${state === 'typing' && typing(model)} ${state === 'off' && press(model, 'send', 'Send me a code', 'primary')}
        ${state === 'on' && press(model, 'remove', 'Turn them off', 'outline-danger')}
      </div>
    </section>`
  return layout({ title: titleOf(title, errors), nonce, body, brand, ...accountNav(model, 'mailFactor') })
}

function typing(model: MailFactorModel): SafeHtml {
  const { path, csrf, errors } = model
  return html`<form class="stack" method="post" action="${`${path}/confirm`}">
      ${hiddenFields({ csrf })} ${mailCodeField(errors)}
      <div class="row stretch"><button class="btn primary" type="submit">Turn them on</button></div>
    </form>
    ${press(model, 'send', 'Send another code', 'quiet small')}`
}

function press({ path, csrf }: MailFactorModel, act: string, words: string, style: string): SafeHtml {
  return html`<form method="post" action="${`${path}/${act}`}">
    ${hiddenFields({ csrf })}<button class="btn ${style}" type="submit">${words}</button>
  </form>`
}
