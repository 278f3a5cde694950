/** One's own notes: list, search, add, edit, delete. */
import type { FormView } from 'holdfast/forms'
import { timeOf } from 'holdfast/console'
import { html, type SafeHtml } from 'holdfast/html'
import type { Note } from '../notes.ts'
import { done, page, titled, type Frame } from './page.ts'

interface Dashboard {
  readonly notes: readonly Note[]
  /** What was searched for. */
  readonly words: string
  readonly search: FormView
  readonly form: FormView
  /** What was just done. */
  readonly notice?: string | undefined
}

export function dashboardPage(frame: Frame, { notes, words, search, form, notice }: Dashboard): SafeHtml {
  return page(
    frame,
    titled('Your notes', form, search),
    html`<div class="head">
        <h1>Your notes</h1>
        <search>${search.form}</search>
      </div>
      ${done(notice)} ${form.summary} ${search.summary}
      <div class="cols">
        <section class="card" aria-labelledby="new">
          <header><h2 id="new">New note</h2><a href="/dashboard/illustrated">With a picture</a></header>
          <div class="body">${form.form}</div>
        </section>
        <section class="card" aria-labelledby="list">
          <header>
            <h2 id="list">${words === '' ? 'Notes' : `Found for “${words}”`}</h2>
            ${words === '' ? html`<span class="badge num">${notes.length}</span>` : html`<a href="/dashboard">Show all</a>`}
          </header>
          ${notes.length === 0 ? nothing(words) : notesList(notes.map((note) => noteItem(frame, note)))}
        </section>
      </div>`,
  )
}

/** A page with one form and nothing else. */
export function formPage(frame: Frame, title: string, form: FormView, progress?: string): SafeHtml {
  return page(
    frame,
    titled(title, form),
    html`<h1>${title}</h1>
      ${progress && html`<p class="muted">${progress}</p>`} ${form.summary}
      <section class="card" aria-label="${title}">
        <div class="body">${form.form}</div>
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
    <p class="small muted">${owner && `${owner}, `}${timeOf(changedAt)}</p>
  </div>`
}

function noteItem({ formField }: Frame, note: Note): SafeHtml {
  const address = addressOf(note.id)
  const about = html`<span class="sr"> “${note.title}”</span>`
  return html`<li>
    ${noteText(note)} ${note.picture && html`<img class="picture" src="${address}/picture" alt="${note.picture.alt}" />`}
    <form class="row" method="post" action="${address}/delete">
      ${formField}<a class="btn small" href="${address}"><span>Edit${about}</span></a
      ><button class="btn small outline-danger"><span>Delete${about}</span></button>
    </form>
  </li>`
}

function nothing(words: string): SafeHtml {
  return html`<p class="empty">${words === '' ? 'No notes yet. Write the first one.' : 'No note has these words.'}</p>`
}

export function addressOf(id: string): string {
  return `/dashboard/notes/${encodeURIComponent(id)}`
}
