/** One's own notes: list, search, add, edit, delete. */
import { html, type SafeHtml } from 'holdfast/html'
import type { Note } from '../notes.ts'
import { field, problems, titled, type Filled } from './form.ts'
import { done, page, time, type Frame } from './page.ts'

interface Dashboard extends Filled {
  readonly notes: readonly Note[]
  readonly search: string
  /** What was just done. */
  readonly notice?: string | undefined
}

export function dashboardPage(frame: Frame, model: Dashboard): SafeHtml {
  const { notes, search, notice } = model
  return page(
    frame,
    titled('Your notes', model),
    html`<div class="head">
        <h1>Your notes</h1>
        <form class="field row" method="get" action="/dashboard" role="search">
          <label class="sr" for="search">Search in titles and texts</label>
          <input id="search" type="search" name="search" value="${search}" maxlength="120" placeholder="Search" />
          <button class="btn">Search</button>
        </form>
      </div>
      ${done(notice)} ${problems(model)}
      <div class="cols">
        <section class="card" aria-labelledby="new">
          <header><h2 id="new">New note</h2></header>
          <div class="body">${noteForm(frame, '/dashboard', html`<button class="btn primary">Add note</button>`, model)}</div>
        </section>
        <section class="card" aria-labelledby="list">
          <header>
            <h2 id="list">${search === '' ? 'Notes' : `Found for “${search}”`}</h2>
            ${search === '' ? html`<span class="badge num">${notes.length}</span>` : html`<a href="/dashboard">Show all</a>`}
          </header>
          ${notes.length === 0 ? nothing(search) : notesList(notes.map((note) => noteItem(frame, note)))}
        </section>
      </div>`,
  )
}

export function editPage(frame: Frame, model: Filled & { readonly id: string }): SafeHtml {
  const buttons = html`<button class="btn primary">Save</button><a class="btn" href="/dashboard">Cancel</a>`
  return page(
    frame,
    titled('Edit note', model),
    html`<h1>Edit note</h1>
      ${problems(model)}
      <section class="card" aria-label="The note">
        <div class="body">${noteForm(frame, addressOf(model.id), buttons, model)}</div>
      </section>`,
  )
}

/** A list of notes; also the administrators'. */
export function notesList(items: readonly SafeHtml[]): SafeHtml {
  return html`<ul class="list">
    ${items}
  </ul>`
}

/** What stands in an item of the list. */
export function noteText({ title, text, changedAt }: Note, owner?: string): SafeHtml {
  return html`<div class="main">
    <h3>${title}</h3>
    ${text && html`<p class="text">${text}</p>`}
    <p class="small muted">${owner && `${owner}, `}${time(changedAt)}</p>
  </div>`
}

function noteItem({ formField }: Frame, note: Note): SafeHtml {
  const address = addressOf(note.id)
  const about = html`<span class="sr"> “${note.title}”</span>`
  return html`<li>
    ${noteText(note)}
    <form class="row" method="post" action="${address}/delete">
      ${formField}<a class="btn small" href="${address}"><span>Edit${about}</span></a
      ><button class="btn small outline-danger"><span>Delete${about}</span></button>
    </form>
  </li>`
}

function noteForm({ formField, decoy }: Frame, action: string, buttons: SafeHtml, filled: Filled): SafeHtml {
  return html`<form class="stack" method="post" action="${action}" novalidate>
    ${formField} ${decoy} ${field({ name: 'title', label: 'Title', maxlength: 120 }, filled)}
    ${field({ name: 'text', label: 'Text', type: 'textarea', optional: true }, filled)}
    <div class="row stretch">${buttons}</div>
  </form>`
}

function nothing(search: string): SafeHtml {
  return html`<p class="empty">${search === '' ? 'No notes yet. Write the first one.' : 'No note has these words.'}</p>`
}

function addressOf(id: string): string {
  return `/dashboard/notes/${encodeURIComponent(id)}`
}
