/** The part of the administrators' page that asks people to come. */
import type { Invitation } from 'holdfast'
import type { FormView } from 'holdfast/forms'
import { timeOf } from 'holdfast/console'
import { html, type SafeHtml } from 'holdfast/html'
import type { Frame } from './page.ts'

interface Inviting {
  /** Absent where nobody can be invited: the application sends no mail. */
  readonly invitations: readonly Invitation[] | undefined
  readonly invite: FormView
}

export function invitationsCard(frame: Frame, model: Inviting): SafeHtml | undefined {
  const { invitations, invite } = model
  if (invitations === undefined) return undefined
  return html`<section class="card" aria-labelledby="invitations">
    <header>
      <h2 id="invitations">Invitations</h2>
      <span class="badge num">${invitations.length}</span>
    </header>
    <div class="body stack">${invite.form}</div>
    ${invitations.length > 0 && html`<ul class="list">${invitations.map((invitation) => invitationRow(frame, invitation))}</ul>`}
  </section>`
}

function invitationRow({ formField }: Frame, { id, address, roles, expiresAt }: Invitation): SafeHtml {
  return html`<li>
    <div class="main">
      <b>${address}</b>
      <p class="small muted">${roles.join(', ')} · until ${timeOf(expiresAt)}</p>
    </div>
    <form method="post" action="/admin/invitations/${encodeURIComponent(id)}/revoke">
      ${formField}<button class="btn small"><span>Take back<span class="sr"> the invitation of ${address}</span></span></button>
    </form>
  </li>`
}
