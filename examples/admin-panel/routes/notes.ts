/** One's own notes. Each question names the owner; another's note is not found, as if it were not there. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Refused, ViewOptions } from 'holdfast/forms'
import { html } from 'holdfast/html'
import * as forms from '../forms.ts'
import type { Notes } from '../notes.ts'
import { addressOf, dashboardPage, formPage } from '../pages/notes.ts'
import type { Desk, WithId } from './desk.ts'

/** What `?done=` may say. */
const DONE = { added: 'The note was added.', saved: 'The note was saved.', deleted: 'The note was deleted.' }
const SEARCH: ViewOptions<never> = {
  ...{ method: 'get', action: '/dashboard', class: 'field row', hideLabels: true },
  submit: html`<button class="btn">Search</button>`,
}
const SAVE = html`<div class="row stretch"><button class="btn primary">Save</button><a class="btn" href="/dashboard">Cancel</a></div>`

const ADD = html`<div class="row stretch"><button class="btn primary">Add note</button></div>`

export function notesRoutes(app: FastifyInstance, { me, frame, notice, show }: Desk, notes: Notes): void {
  /** One's notes, with what is wrong with a new one when something is. */
  async function dashboard(request: FastifyRequest, reply: FastifyReply, sent?: Refused) {
    const asked = await forms.search.query(request, { others: true })
    const words = asked.ok ? asked.value.search : ''
    const framed = frame(request)
    const page = dashboardPage(framed, {
      words,
      notes: await notes.list(me(request).id, words),
      notice: await notice(request, DONE),
      search: forms.search.view(request, { ...SEARCH, sent: asked }),
      form: forms.note.view(request, { action: '/dashboard', submit: html`${framed.decoy}${ADD}`, sent }),
    })
    return show(reply, page, sent?.status)
  }

  app.get('/dashboard', (request, reply) => dashboard(request, reply))

  app.post('/dashboard', async (request, reply) => {
    const sent = await forms.note.read(request)
    if (!sent.ok) return dashboard(request, reply, sent)
    await notes.add(me(request).id, sent.value)
    return reply.redirect('/dashboard?done=added', 303)
  })

  app.get<WithId>('/dashboard/notes/:id', async (request, reply) => {
    const note = await notes.find(me(request).id, request.params.id)
    if (!note) return reply.callNotFound()
    const form = forms.note.view(request, { action: addressOf(note.id), submit: SAVE, values: note })
    return show(reply, formPage(frame(request), 'Edit note', form))
  })

  app.post<WithId>('/dashboard/notes/:id', async (request, reply) => {
    const { id } = request.params
    const sent = await forms.note.read(request)
    if (!sent.ok) {
      const form = forms.note.view(request, { action: addressOf(id), submit: SAVE, sent })
      return show(reply, formPage(frame(request), 'Edit note', form), sent.status)
    }
    const changed = await notes.change(me(request).id, id, sent.value)
    return changed ? reply.redirect('/dashboard?done=saved', 303) : reply.callNotFound()
  })

  app.post<WithId>('/dashboard/notes/:id/delete', async (request, reply) => {
    const removed = await notes.remove(me(request).id, request.params.id)
    return removed ? reply.redirect('/dashboard?done=deleted', 303) : reply.callNotFound()
  })
}
