/** The administrators' page: who is here, what may they do, and what do they write. */
import type { Invitation, User } from 'holdfast'
import type { FormView } from 'holdfast/forms'
import { timeOf } from 'holdfast/console'
import { html, type SafeHtml } from 'holdfast/html'
import type { Note } from '../notes.ts'
import type { Message } from '../messages.ts'
import { messagesCard } from './contact.ts'
import { invitationsCard } from './invitations.ts'
import { notesList, noteText } from './notes.ts'
import { done, page, titled, type Frame } from './page.ts'

/** A user as the table shows them. */
export interface Listed extends User {
  readonly secondFactor: boolean
  readonly role: FormView
  readonly state: FormView
}

interface Administration {
  readonly newUser: FormView
  readonly invite: FormView
  /** What was not possible. */
  readonly problem?: string | undefined
  readonly users: readonly Listed[]
  /** Absent where nobody can be invited. */
  readonly invitations: readonly Invitation[] | undefined
  readonly notes: readonly Note[]
  readonly messages: readonly Message[]
  /** What was just done. */
  readonly notice?: string | undefined
}

export function adminPage(frame: Frame, model: Administration): SafeHtml {
  const { users, notes, messages, notice, newUser, invite, problem } = model
  const loginOf = new Map(users.map(({ id, login }) => [id, login]))
  const items = notes.map((note) => html`<li>${noteText(note, loginOf.get(note.owner) ?? 'somebody')}</li>`)
  return page(
    frame,
    titled('Administration', newUser, invite, { failed: problem !== undefined }),
    html`<h1>Administration</h1>
      ${done(notice)} ${newUser.summary} ${invite.summary}
      ${problem && html`<div class="alert error" role="alert"><p>${problem}</p></div>`} ${usersCard(users)}
      ${invitationsCard(frame, model)}
      <div class="cols">
        <section class="card" aria-labelledby="new">
          <header><h2 id="new">New user</h2></header>
          <div class="body">${newUser.form}</div>
        </section>
        <section class="card" aria-labelledby="notes">
          <header>
            <h2 id="notes">Everybody's notes</h2>
            <span class="badge num">${notes.length}</span>
          </header>
          ${notes.length === 0 ? html`<p class="empty">Nobody has written a note yet.</p>` : notesList(items)}
        </section>
      </div>
      ${messagesCard(messages)}`,
  )
}

function usersCard(users: readonly Listed[]): SafeHtml {
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
            <th scope="col">Second factor</th>
            <th scope="col">Last sign-in</th>
          </tr>
        </thead>
        <tbody>
          ${users.map(userRow)}
        </tbody>
      </table>
    </div>
  </section>`
}

function userRow({ id, login, roles, status, lastSignInAt, secondFactor, role, state }: Listed): SafeHtml {
  const active = status === 'active'
  return html`<tr>
    <td>
      <b>${login}</b>
      ${active && !roles.includes('admin') && html`<p class="small"><a href="/account/impersonation?user=${id}">Act as them<span class="sr">: ${login}</span></a></p>`}
    </td>
    <td>${active ? html`<span class="badge ok">active</span>` : html`<span class="badge error">disabled</span>`}</td>
    <td>${role.form}</td>
    <td>
      <form method="post" action="/admin/users/${encodeURIComponent(id)}/status">
        ${state.hidden}<button class="btn small" name="status" value="${active ? 'disabled' : 'active'}"
          ><span>${active ? 'Disable' : 'Enable'}<span class="sr"> ${login}</span></span></button
        >
      </form>
    </td>
    <td>${secondFactor ? html`<span class="badge ok">on</span>` : html`<span class="badge">off</span>`}</td>
    <td>${lastSignInAt === undefined ? html`<span class="muted">never</span>` : timeOf(lastSignInAt)}</td>
  </tr>`
}
