/**
 * Asks before signing out: a sign-out is a POST with a token, so that no foreign page can do it (CWE-352), and this page is what
 * a plain link to it leads to.
 */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { hiddenFields, noticeOf, pathsOf, type PageModel } from './parts.ts'

/** Form: `POST {base}/sign-out` with `next` and the csrf field. */
export interface SignOutModel extends PageModel {
  /** Where the one who stays goes. @default '/' */
  readonly cancel?: string | undefined
  /** The provider to which one goes on to sign out there, too. @default nowhere */
  readonly there?: string | undefined
}

/** Returns the page that asks whether to sign out on this device. */
export function signOutPage(model: SignOutModel): SafeHtml {
  const { nonce, brand, login, notice, cancel = '/', there } = model
  const body = html`<div class="card">
    <div class="body stack">
      <div>
        <h1>Sign out?</h1>
        <p class="muted">${login ? html`You are signed in as <b>${login}</b>. ` : ''}Other devices stay signed in.</p>
        ${there ? html`<p class="muted">You came by ${there}, and go on there to sign out, too.</p>` : ''}
      </div>
      ${noticeOf(notice)}
      <form method="post" action="${pathsOf(model).signOut}">
        ${hiddenFields(model)}
        <div class="row stretch">
          <button class="btn primary" type="submit">Sign out</button><a class="btn" href="${cancel}">Stay signed in</a>
        </div>
      </form>
      <p class="small"><a href="${pathsOf(model).sessions}">See where you are signed in</a></p>
    </div>
  </div>`
  return layout({ title: 'Sign out', nonce, body, brand, narrow: true })
}
