/**
 * Who belongs to an organisation, and as what, for who may change that: roles, removal, invitations. The ids in the forms only name; what one may is
 * looked up on the server for each change. Source: OWASP ASVS 5.0 8.2.2, 8.4.1.
 */
import { attributes, html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { timeOf } from '../time.ts'
import { accountNav, errorSummary, field, hidden, hiddenFields, titleOf, type PageModel } from './parts.ts'

export interface MemberRow {
  readonly userId: string
  readonly login: string
  readonly name: string
  readonly roles: readonly string[]
  readonly since: number
}

export interface InvitedRow {
  readonly id: string
  readonly address: string
  readonly roles: readonly string[]
  readonly expiresAt: number
}

/** `POST {action}/set-roles`, `/remove`, `/invite` and `/revoke`, each with `tenant`. */
export interface MembersModel extends PageModel<'address'> {
  readonly action: string
  readonly tenant: { readonly id: string; readonly name: string }
  readonly members: readonly MemberRow[]
  readonly roles: readonly string[]
  /** Absent where nobody can be invited. */
  readonly invited?: readonly InvitedRow[] | undefined
  /** What was typed. */
  readonly address?: string | undefined
}

/** Returns the list with its forms. */
export function membersPage(model: MembersModel): SafeHtml {
  const { nonce, brand, errors, tenant, members, invited } = model
  const title = `Members of ${tenant.name}`
  const body = html`<div class="head"><h1>${title}</h1></div>
    ${errorSummary(errors, ['address'])}
    <section class="card" aria-label="Members">
      <ul class="list">
        ${members.map((member) => rowOf(member, model))}
      </ul>
    </section>
    ${invited && inviteForm(model)} ${invited && invited.length > 0 && invitedList(invited, model)}`
  return layout({ title: titleOf(title, errors), nonce, body, brand, ...accountNav(model, 'tenants') })
}

function common({ csrf, tenant }: MembersModel): SafeHtml {
  return html`${hiddenFields({ csrf })}${hidden('tenant', tenant.id)}`
}

function rowOf({ userId, login, name, roles, since }: MemberRow, model: MembersModel): SafeHtml {
  const { action } = model
  const whose = html`<span class="sr"> of ${login}</span>`
  return html`<li>
    <div class="main">
      <b>${name}</b> <span class="muted">${login}</span>
      <p class="small muted">${roles.length === 0 ? 'No role' : roles.join(', ')} · since ${timeOf(since)}</p>
      <details>
        <summary>Change roles${whose}</summary>
        <form class="stack" method="post" action="${action}/set-roles">
          ${common(model)}${hidden('user', userId)} ${boxes(model.roles, userId, roles)}
          <div><button class="btn small" type="submit">Save roles${whose}</button></div>
        </form>
      </details>
    </div>
    <form method="post" action="${action}/remove">
      ${common(model)}${hidden('user', userId)}
      <button class="btn small" type="submit">Remove<span class="sr"> ${login}</span></button>
    </form>
  </li>`
}

/** Ids are unique on the page; names are what is sent. */
function boxes(all: readonly string[], whose: string, held: readonly string[]): SafeHtml {
  return html`<fieldset class="row">
    <legend class="sr">Roles</legend>
    ${all.map((role) => {
      const id = `${whose}-${role}`
      return html`<label class="check" for="${id}"
        ><input id="${id}" name="${`role:${role}`}" type="checkbox" value="on" ${attributes({ checked: held.includes(role) })} />
        <span>${role}</span></label
      >`
    })}
  </fieldset>`
}

function inviteForm(model: MembersModel): SafeHtml {
  return html`<section class="card" aria-labelledby="invite">
    <header><h2 id="invite">Invite somebody</h2></header>
    <div class="body">
      <form class="stack" method="post" action="${model.action}/invite">
        ${common(model)}
        ${field({ name: 'address', label: 'Address of mail', hint: 'They get a letter that is good for a week. You are not told whether they have an account.', error: model.errors?.address, autocomplete: 'off', type: 'text', value: model.address, maxlength: 254 })}
        ${boxes(model.roles, 'new', [])}
        <div class="row stretch"><button class="btn primary" type="submit">Invite</button></div>
      </form>
    </div>
  </section>`
}

function invitedList(invited: readonly InvitedRow[], model: MembersModel): SafeHtml {
  return html`<section class="card" aria-labelledby="invited">
    <header><h2 id="invited">Invited</h2></header>
    <ul class="list">
      ${invited.map(
        ({ id, address, roles, expiresAt }) => html`<li>
          <div class="main"><b>${address}</b><p class="small muted">${roles.join(', ') || 'No role'} · until ${timeOf(expiresAt)}</p></div>
          <form method="post" action="${model.action}/revoke">
            ${common(model)}${hidden('invitation', id)}
            <button class="btn small" type="submit">Take back<span class="sr"> the invitation of ${address}</span></button>
          </form>
        </li>`,
      )}
    </ul>
  </section>`
}
