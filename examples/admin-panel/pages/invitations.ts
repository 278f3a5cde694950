/** The part of the administrators' page that asks people to come. */
import type { Invitation } from 'holdfast'
import { html, type SafeHtml } from 'holdfast/html'
import { field, type Filled } from './form.ts'
import { time, type Frame } from './page.ts'

interface Inviting extends Filled {
  /** Absent where nobody can be invited: the application sends no mail. */
  readonly invitations: readonly Invitation[] | undefined
  readonly roles: Readonly<Record<string, string>>
}

export function invitationsCard(frame: Frame, model: Inviting): SafeHtml | undefined {
  const { invitations } = model
  if (invitations === undefined) return undefined
  return html`<section class="card" aria-labelledby="invitations">
    <header>
      <h2 id="invitations">Invitations</h2>
      <span class="badge num">${invitations.length}</span>
    </header>
    <div class="body stack">${inviteForm(frame, model)}</div>
    ${invitations.length > 0 && html`<ul class="list">${invitations.map((invitation) => invitationRow(frame, invitation))}</ul>`}
  </section>`
}

function inviteForm({ formField }: Frame, model: Inviting): SafeHtml {
  const hint = 'They get a letter with a link that is good for a week.'
  return html`<form class="stack" method="post" action="/admin/invitations" novalidate>
    ${formField} ${field({ name: 'address', label: 'Address of mail', maxlength: 254, autocomplete: 'email', hint }, model)}
    ${field({ name: 'invitedRole', label: 'Role', choices: model.roles }, model)}
    <div class="row stretch"><button class="btn primary">Invite</button></div>
  </form>`
}

function invitationRow({ formField }: Frame, { id, address, roles, expiresAt }: Invitation): SafeHtml {
  return html`<li>
    <div class="main">
      <b>${address}</b>
      <p class="small muted">${roles.join(', ')} · until ${time(expiresAt)}</p>
    </div>
    <form method="post" action="/admin/invitations/${encodeURIComponent(id)}/revoke">
      ${formField}<button class="btn small"><span>Take back<span class="sr"> the invitation of ${address}</span></span></button>
    </form>
  </li>`
}
