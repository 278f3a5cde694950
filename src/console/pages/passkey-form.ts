/**
 * The form of a passkey, wherever one is asked for: its button comes with the script, which fills the answer in and sends the form as
 * any other. Without JavaScript it says so, and the ways beside it go on working.
 */
import { attributes, html, type SafeHtml } from '../../html/html.ts'
import { hidden, hiddenFields, type PageModel } from './parts.ts'

export interface PasskeyFormModel extends Pick<PageModel, 'nonce' | 'csrf' | 'next'> {
  /** Where the answer goes. */
  readonly action: string
  /** Where the script asks what to sign. */
  readonly options: string
  /** Where the script is: a path of ours, with its version. */
  readonly script: string
  /** `create` enrols. */
  readonly ceremony: 'get' | 'create'
  /** Whether the browser may offer passkeys before the button is pressed. @default false */
  readonly conditional?: boolean | undefined
  /** More fields, above the buttons. */
  readonly fields?: SafeHtml | undefined
  /** One button or several; `name` and `value` go along when it is asked what to sign. */
  readonly buttons: readonly {
    readonly label: string
    readonly name?: string
    readonly value?: string
    readonly primary?: boolean
  }[]
}

/** Returns the form with its script. */
export function passkeyForm(model: PasskeyFormModel): SafeHtml {
  const { nonce, action, options, script, ceremony, conditional, fields, buttons } = model
  const more = attributes({
    'data-passkey': ceremony,
    'data-options': options,
    'data-conditional': conditional === true ? '' : undefined,
  })
  return html`<form class="stack" method="post" action="${action}" ${more}>
      ${hiddenFields(model)}${hidden('response', '')}
      <div hidden>
        <div class="stack">
          ${fields}
          <div class="row stretch">${buttons.map((one) => button(one, buttons.length === 1))}</div>
        </div>
      </div>
      <p class="small muted" role="status"></p>
      <noscript><p class="small muted">Passkeys and security keys need JavaScript.</p></noscript>
    </form>
    <script type="module" nonce="${nonce}" src="${script}"></script>`
}

function button({ label, name, value, primary = false }: PasskeyFormModel['buttons'][number], alone: boolean): SafeHtml {
  return html`<button class="btn ${primary ? 'primary' : ''} ${alone ? 'full' : ''}" type="submit" ${attributes({ name, value })}>${label}</button>`
}
