/**
 * The recovery codes, in the one answer that ever holds them: to print or to copy, large enough to read from paper. Printed, the
 * page is its codes alone.
 */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import type { PageModel } from './parts.ts'

export interface RecoveryCodesModel extends PageModel {
  readonly codes: readonly string[]
  /** Where one goes on to. */
  readonly onward: string
}

/** Returns the page; it must not be stored, and no address leads to it a second time. */
export function recoveryCodesPage({ nonce, brand, login, codes, onward }: RecoveryCodesModel): SafeHtml {
  const body = html`<div class="card">
    <div class="body stack">
      <div>
        <h1>Your recovery codes</h1>
        <p class="muted">${brand && html`${brand}`}${brand && login && ' · '}${login}</p>
      </div>
      <p>Each lets you in once when your second factor is not at hand. Print them or write them down, and keep them away from the
        device with it. They are not shown again.</p>
      <ol class="list mono">
        ${codes.map((code) => html`<li>${code}</li>`)}
      </ol>
      <div class="row stretch"><a class="btn primary" href="${onward}">I have kept them</a></div>
    </div>
  </div>`
  return layout({ title: 'Your recovery codes', nonce, body, brand, narrow: true })
}
