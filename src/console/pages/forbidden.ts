/**
 * The page for someone who is signed in and may not do this. It names no role and no rule: that would draw a map of the rights
 * for whoever took over an account (CWE-209).
 */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { ids } from './error.ts'
import { pathsOf, type PageModel } from './parts.ts'

/** Who was refused, and how to get away from here. */
export interface ForbiddenModel extends Pick<PageModel, 'nonce' | 'base' | 'paths' | 'brand' | 'login'> {
  /** Id of the request in the log. */
  readonly requestId?: string | undefined
  /** Where the link leads. @default '/' */
  readonly home?: string | undefined
}

/** Returns the page that says that this account may not, and offers the ways out. */
export function forbiddenPage(model: ForbiddenModel): SafeHtml {
  const { nonce, brand, login, requestId, home = '/' } = model
  const body = html`<div class="card">
    <div class="body stack">
      <div class="stack">
        <p><span class="badge">403</span></p>
        <h1>Your account may not do this</h1>
        <p class="muted">${login && html`You are signed in as <b>${login}</b>. `}Ask an administrator if you need it.</p>
      </div>
      <div class="row">
        <a class="btn" href="${home}">Go to the first page</a><a class="btn quiet" href="${pathsOf(model).signOut}">Sign out</a>
      </div>
      ${ids({ requestId })}
    </div>
  </div>`
  return layout({ title: 'Not allowed', nonce, body, brand, narrow: true })
}
