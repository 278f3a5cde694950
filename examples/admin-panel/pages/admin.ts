/** The administrators' page: who is here, what may they do, and what do they write. */
import type { Invitation, User } from 'holdfast'
import { html, type SafeHtml } from 'holdfast/html'
import type { Note } from '../notes.ts'
import { field, options, problems, titled, type Filled } from './form.ts'
import { invitationsCard } from './invitations.ts'
import { notesList, noteText } from './notes.ts'
import { done, page, time, type Frame } from './page.ts'

/** A user as the table shows them. */
export interface Listed extends User {
  readonly secondFactor: boolean
}

interface Administration extends Filled {
  readonly users: readonly Listed[]
  /** Absent where nobody can be invited. */
  readonly invitations: readonly Invitation[] | undefined
  readonly notes: readonly Note[]
  /** What was just done. */
  readonly notice?: string | undefined
}

export const ROLES = { member: 'Member', admin: 'Administrator' } as const

export function adminPage(frame: Frame, model: Administration): SafeHtml {
  const { users, notes, notice } = model
  const loginOf = new Map(users.map(({ id, login }) => [id, login]))
  const items = notes.map((note) => html`<li>${noteText(note, loginOf.get(note.owner) ?? 'somebody')}</li>`)
  return page(
    frame,
    titled('Administration', model),
    html`<h1>Administration</h1>
      ${done(notice)} ${problems(model)} ${usersCard(frame, users)}
      ${invitationsCard(frame, { ...model, roles: ROLES })}
      <div class="cols">
        <section class="card" aria-labelledby="new">
          <header><h2 id="new">New user</h2></header>
          <div class="body">${newUserForm(frame, model)}</div>
        </section>
        <section class="card" aria-labelledby="notes">
          <header>
            <h2 id="notes">Everybody's notes</h2>
            <span class="badge num">${notes.length}</span>
          </header>
          ${notes.length === 0 ? html`<p class="empty">Nobody has written a note yet.</p>` : notesList(items)}
        </section>
      </div>`,
  )
}

function usersCard(frame: Frame, users: readonly Listed[]): SafeHtml {
  return html`<section class="card">
    <header>
      <h2 id="users">Users</h2>
      <span class="badge num">${users.length}</span>
    </header>
    <div class="table" tabindex="0" role="region" aria-labelledby="users">
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">State</th>
            <th scope="col">Role</th>
            <th scope="col">Access</th>
            <th scope="col">See what they see</th>
            <th scope="col">Second factor</th>
            <th scope="col">Last sign-in</th>
          </tr>
        </thead>
        <tbody>
          ${users.map((user) => userRow(frame, user))}
        </tbody>
      </table>
    </div>
  </section>`
}

function userRow({ formField }: Frame, { id, login, roles, status, lastSignInAt, secondFactor }: Listed): SafeHtml {
  const address = `/admin/users/${encodeURIComponent(id)}`
  const active = status === 'active'
  return html`<tr>
    <td><b>${login}</b></td>
    <td>${active ? html`<span class="badge ok">active</span>` : html`<span class="badge error">disabled</span>`}</td>
    <td>
      <form class="field row" method="post" action="${address}/role">
        ${formField}<select name="role" aria-label="Role of ${login}">
          ${options(ROLES, roles[0])}</select
        ><button class="btn small"><span>Change<span class="sr"> the role of ${login}</span></span></button>
      </form>
    </td>
    <td>
      <form method="post" action="${address}/status">
        ${formField}<input type="hidden" name="status" value="${active ? 'disabled' : 'active'}" />
        <button class="btn small"><span>${active ? 'Disable' : 'Enable'}<span class="sr"> ${login}</span></span></button>
      </form>
    </td>
    <td>${active && !roles.includes('admin') && html`<a href="/account/impersonation?user=${id}">Act as ${login}</a>`}</td>
    <td>${secondFactor ? html`<span class="badge ok">on</span>` : html`<span class="badge">off</span>`}</td>
    <td>${lastSignInAt === undefined ? html`<span class="muted">never</span>` : time(lastSignInAt)}</td>
  </tr>`
}

function newUserForm({ formField }: Frame, filled: Filled): SafeHtml {
  const hint = 'At least 15 characters.'
  return html`<form class="stack" method="post" action="/admin/users" novalidate>
    ${formField} ${field({ name: 'login', label: 'Name to sign in with', maxlength: 254 }, filled)}
    ${field({ name: 'password', label: 'First password', type: 'password', autocomplete: 'new-password', hint }, filled)}
    ${field({ name: 'role', label: 'Role', choices: ROLES }, filled)}
    <div class="row stretch"><button class="btn primary">Add user</button></div>
  </form>`
}
