/**
 * Acting as one of the users: who, why, and how to stop. The banner stands on every page meanwhile, so that nobody forgets as whom they
 * look. Source: OWASP ASVS 5.0 7.4; OWASP Session Management Cheat Sheet.
 */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { timeOf } from '../time.ts'
import { accountNav, errorSummary, field, hidden, hiddenFields, titleOf, type PageModel } from './parts.ts'

/** `POST {action}/start` with `user` and `reason`; `POST {action}/stop`. */
export interface ImpersonationModel extends PageModel<'reason'> {
  readonly action: string
  /** Acts as somebody now. */
  readonly acting?: { readonly as: string; readonly until: number } | undefined
  /** Whom one may act as, when one was named. */
  readonly user?: { readonly id: string; readonly login: string; readonly name: string } | undefined
}

/** Returns what fits: who is acted as and the way back, the form to begin, or a sentence. */
export function impersonationPage(model: ImpersonationModel): SafeHtml {
  const { nonce, brand, errors, acting, user } = model
  const card = acting ? stopForm(model, acting) : user ? startForm(model, user) : html`<p class="empty">You act as yourself.</p>`
  const body = html`<div class="head"><h1>Act as a user</h1></div>
    ${errorSummary(errors, ['reason'])}
    <section class="card" aria-label="Act as a user">${card}</section>`
  const top = acting ? {} : accountNav(model, 'impersonation')
  return layout({ title: titleOf('Act as a user', errors), nonce, body, brand, ...top })
}

function stopForm(model: ImpersonationModel, { as, until }: NonNullable<ImpersonationModel['acting']>): SafeHtml {
  return html`<div class="body stack">
    <p>You act as <b>${as}</b> until ${timeOf(until)}. They see it among their sessions.</p>
    <form method="post" action="${model.action}/stop">
      ${hiddenFields({ csrf: model.csrf })}
      <button class="btn primary" type="submit">Stop acting as ${as}</button>
    </form>
  </div>`
}

function startForm(model: ImpersonationModel, { id, login, name }: NonNullable<ImpersonationModel['user']>): SafeHtml {
  return html`<div class="body stack">
    <p>You are about to see the application as <b>${login}</b> (${name}) does. They see it among their sessions, with the reason, and get a letter where they have a confirmed address.</p>
    <form class="stack" method="post" action="${model.action}/start">
      ${hiddenFields({ csrf: model.csrf, next: model.next })}${hidden('user', id)}
      ${field({ name: 'reason', label: 'Reason', hint: 'For them, and for the log: a ticket, a question they asked.', error: model.errors?.reason, autocomplete: 'off', type: 'text', maxlength: 200 })}
      <div class="row stretch"><button class="btn primary" type="submit">Act as ${login}</button></div>
    </form>
  </div>`
}
