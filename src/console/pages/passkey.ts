/** One passkey or security key of the one who asks: its name, and how to take it away. */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { timeOf } from '../time.ts'
import { accountNav, errorSummary, field, hidden, hiddenFields, pathsOf, titleOf, type PageModel } from './parts.ts'

/** Forms: `POST {base}/factors/passkeys/rename` with `passkey` and `name`, `…/remove` with `passkey`; both with the csrf field. */
export interface PasskeyModel extends PageModel<'name'> {
  readonly passkey: PasskeyShown
  /** Whether it is the only factor, so that the recovery codes go with it. */
  readonly last: boolean
}

/** Times in milliseconds since 1970. */
export interface PasskeyShown {
  readonly id: string
  readonly name: string
  readonly purpose: 'passkey' | 'security-key'
  readonly synced: boolean
  readonly createdAt: number
  readonly usedAt: number | undefined
}

/** Returns the page. */
export function passkeyPage(model: PasskeyModel): SafeHtml {
  const { nonce, brand, csrf, errors, passkey, last } = model
  const { factors } = pathsOf(model)
  const named = passkey.purpose === 'passkey' ? 'passkey' : 'security key'
  const body = html`<div class="head">
      <div>
        <h1>${passkey.name}</h1>
        <p class="muted">${describePasskey(passkey)}</p>
      </div>
    </div>
    ${errorSummary(errors, ['name'])}
    <div class="cols">
      <section class="card">
        <form class="body stack" method="post" action="${factors}/passkeys/rename">
          <h2>Rename this ${named}</h2>
          ${hiddenFields({ csrf })}${hidden('passkey', passkey.id)}
          ${field({ name: 'name', label: 'Name', type: 'text', value: passkey.name, maxlength: 80, autocomplete: 'off', error: errors?.name })}
          <div class="row stretch">
            <button class="btn primary" type="submit">Save</button><a class="btn" href="${factors}">Cancel</a>
          </div>
        </form>
      </section>
      <section class="card">
        <form class="body stack" method="post" action="${factors}/passkeys/remove">
          <h2>Remove this ${named}</h2>
          <p>It will not let you in any more, and you will be signed out everywhere else.</p>
          ${last && html`<p>It is your only second factor: your password alone will let you in then. The recovery codes go, too.</p>`}
          ${hiddenFields({ csrf })}${hidden('passkey', passkey.id)}
          <div class="row stretch"><button class="btn danger" type="submit">Remove it</button></div>
        </form>
      </section>
    </div>`
  return layout({ title: titleOf(passkey.name, errors), nonce, body, brand, ...accountNav(model, 'factors') })
}

/** What it is, since when, and when it was used. */
export function describePasskey({ purpose, synced, createdAt, usedAt }: PasskeyShown): SafeHtml {
  const what = purpose === 'security-key' ? 'Security key' : synced ? 'Passkey, on all your devices' : 'Passkey, on one device'
  return html`${what}. Added ${timeOf(createdAt)}, ${usedAt === undefined ? 'never used' : html`last used ${timeOf(usedAt)}`}.`
}
