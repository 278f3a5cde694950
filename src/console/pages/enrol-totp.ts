/**
 * The enrolment of an authenticator app: a picture to scan, the same as text for those who cannot, and a code that proves it worked.
 * Until that code was typed nothing has changed, so a page that is closed locks nobody out.
 */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { qrCode } from '../qr.ts'
import { dueNotice } from './factors.ts'
import { accountNav, errorSummary, field, hiddenFields, pathsOf, titleOf, type PageModel } from './parts.ts'

/** Form: `POST {base}/factors/totp` with `code`, `next` and the csrf field. */
export interface EnrolTotpModel extends PageModel<'code'> {
  /** Base 32. */
  readonly secret: string
  /** `otpauth://…` */
  readonly uri: string
  readonly due?: number | undefined
  /** Where somebody goes who would rather add a passkey or security key. @default there are none */
  readonly instead?: string | undefined
  /** Where the one who does not want to goes. */
  readonly cancel: string
}

/** Returns the page; it holds the secret, so it must not be stored. */
export function enrolTotpPage(model: EnrolTotpModel): SafeHtml {
  const { nonce, brand, errors, secret, uri, due, cancel, instead } = model
  const body = html`<div class="head">
      <div>
        <h1>Set up an authenticator app</h1>
        <p class="muted">Any app for one-time codes will do, and so will most password managers.</p>
        ${instead && html`<p><a href="${instead}">Add a passkey or security key instead</a></p>`}
      </div>
    </div>
    ${errorSummary(errors, ['code'])} ${dueNotice(due)}
    <section class="card">
      <div class="body cols">
        <div class="stack">
          <h2>1. Scan this with the app</h2>
          ${qrCode(uri, 'QR code for the authenticator app; the same stands below as text')}
          <p class="small muted">Or type this key into it:</p>
          <p><code>${grouped(secret)}</code></p>
        </div>
        <form class="stack" method="post" action="${pathsOf(model).factors}/totp">
          <h2>2. Type the code that it shows</h2>
          ${hiddenFields(model)}
          ${field({
            name: 'code',
            label: 'Code',
            hint: 'Six digits.',
            type: 'text',
            maxlength: 32,
            autocomplete: 'one-time-code',
            error: errors?.code,
          })}
          <p class="small muted">You will be signed out everywhere else.</p>
          <div class="row stretch">
            <button class="btn primary" type="submit">Turn it on</button><a class="btn" href="${cancel}">Not now</a>
          </div>
        </form>
      </div>
    </section>`
  return layout({ title: titleOf('Set up an authenticator app', errors), nonce, body, brand, ...accountNav(model, 'factors') })
}

/** In fours, as people read and type. */
function grouped(secret: string): string {
  return secret.replace(/.{4}(?=.)/g, '$& ')
}
