/**
 * The second factors of the one who asks: what there is, how to add it, and how to take it away (OWASP ASVS 5.0, 6.5; NIST SP
 * 800-63B-4, section 4.6). Nothing secret stands on this page.
 */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { timeOf } from '../time.ts'
import { describePasskey, type PasskeyShown } from './passkey.ts'
import { accountNav, noticeOf, pathsOf, type PageModel } from './parts.ts'

/** Links: `{base}/factors/totp`, `{base}/factors/totp/remove`, `{base}/factors/recovery-codes`. */
export interface FactorsModel extends PageModel {
  /** Since when there is an authenticator app, in milliseconds since 1970. */
  readonly totpSince: number | undefined
  readonly recoveryCodesLeft: number
  /** `undefined` while the application has none. @default undefined */
  readonly passkeys?: PasskeysShown | undefined
  /** When the role of this user asks for one at the latest, in milliseconds since 1970. */
  readonly due?: number | undefined
}

/** The passkeys and security keys there are. */
export interface PasskeysShown {
  readonly list: readonly PasskeyShown[]
  /** What browsers are told, as JSON, so that they forget those that were removed. */
  readonly accepted: string | undefined
  /** The script that tells them. */
  readonly script: string
}

/** Returns the page. */
export function factorsPage(model: FactorsModel): SafeHtml {
  const { nonce, brand, notice, totpSince, passkeys } = model
  const any = totpSince !== undefined || (passkeys?.list.length ?? 0) > 0
  const body = html`<div class="head">
      <div>
        <h1>Second factor</h1>
        <p class="muted">With it, whoever learns your password still cannot sign in as you.</p>
      </div>
    </div>
    ${noticeOf(notice)} ${dueNotice(model.due)}
    <section class="card" aria-label="Your second factor">
      <ul class="list">
        ${appRow(model, any)} ${passkeys && passkeyRows(model, passkeys)} ${any && codesRow(model)}
      </ul>
    </section>
    ${passkeys && signals(model, passkeys)}`
  return layout({ title: 'Second factor', nonce, body, brand, ...accountNav(model, 'factors') })
}

/** What the role of this user asks for; nothing where it asks for nothing. */
export function dueNotice(due: number | undefined): SafeHtml | undefined {
  if (due === undefined) return undefined
  return html`<div class="alert warn">
    <p>Your role asks for a second factor. From ${timeOf(due)} on nothing else works until you have one.</p>
  </div>`
}

function appRow(model: FactorsModel, any: boolean): SafeHtml {
  const { totpSince } = model
  const { factors } = pathsOf(model)
  if (totpSince === undefined) {
    return html`<li>
      <div class="main">
        <b>Authenticator app</b> <span class="badge ${any ? '' : 'warn'}">Off</span>
        <p class="small muted">An app on your telephone, or a password manager, shows a new code every 30 seconds.</p>
      </div>
      <a class="btn ${any ? '' : 'primary'} small" href="${factors}/totp">Set it up</a>
    </li>`
  }
  return html`<li>
    <div class="main">
      <b>Authenticator app</b> <span class="badge ok">On</span>
      <p class="small muted">Since ${timeOf(totpSince)}.</p>
    </div>
    <a class="btn small" href="${factors}/totp">Move to another device</a>
    <a class="btn small outline-danger" href="${factors}/totp/remove">Remove</a>
  </li>`
}

function passkeyRows(model: FactorsModel, { list }: PasskeysShown): SafeHtml {
  const { factors } = pathsOf(model)
  return html`${list.map(
    (passkey) =>
      html`<li>
          <div class="main">
            <b>${passkey.name}</b> <span class="badge ok">On</span>
            <p class="small muted">${describePasskey(passkey)}</p>
          </div>
          <a class="btn small" href="${factors}/passkeys/one?passkey=${passkey.id}">Change<span class="sr"> ${passkey.name}</span></a>
        </li>`,
  )}
    <li>
      <div class="main">
        <b>Passkeys and security keys</b> ${list.length === 0 && html`<span class="badge">Off</span>`}
        <p class="small muted">Your telephone, computer or a key proves that it is you. No false page can ask for it.</p>
      </div>
      <a class="btn small" href="${factors}/passkeys">${list.length === 0 ? 'Add one' : 'Add another'}</a>
    </li>`
}

/** Tells the browser which passkeys there are, where it can hear it. */
function signals({ nonce }: FactorsModel, { accepted, script }: PasskeysShown): SafeHtml | undefined {
  if (accepted === undefined) return undefined
  return html`<span data-passkey-accepted="${accepted}"></span><script type="module" nonce="${nonce}" src="${script}"></script>`
}

function codesRow(model: FactorsModel): SafeHtml {
  const left = model.recoveryCodesLeft
  return html`<li>
    <div class="main">
      <b>Recovery codes</b> <span class="badge ${left > 3 ? 'ok' : 'warn'}">${left} left</span>
      <p class="small muted">Each lets you in once when nothing else of this list is at hand.</p>
    </div>
    <a class="btn small" href="${pathsOf(model).factors}/recovery-codes">Make new ones</a>
  </li>`
}
