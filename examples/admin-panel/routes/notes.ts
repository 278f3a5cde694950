/** One's own notes. Each question names the owner; another's note is not found, as if it were not there. */
import type { FastifyInstance } from 'fastify'
import * as v from 'valibot'
import type { Notes } from '../notes.ts'
import { dashboardPage, editPage } from '../pages/notes.ts'
import type { Desk, WithId } from './desk.ts'

export const NoteForm = v.strictObject({
  title: v.pipe(v.string(), v.trim(), v.minLength(1, 'Give the note a title.'), v.maxLength(120, 'At most 120 characters.')),
  text: v.pipe(v.string(), v.trim(), v.maxLength(4000, 'At most 4,000 characters.')),
})

/** What `?done=` may say. */
const DONE = new Map([
  ['added', 'The note was added.'],
  ['saved', 'The note was saved.'],
  ['deleted', 'The note was deleted.'],
])

export function notesRoutes(app: FastifyInstance, { me, frame, query, read, show }: Desk, notes: Notes): void {
  app.get('/dashboard', async (request, reply) => {
    const search = query(request, 'search')
    const notice = DONE.get(query(request, 'done'))
    return show(reply, dashboardPage(frame(request), { notes: await notes.list(me(request).id, search), search, notice }))
  })

  app.post('/dashboard', async (request, reply) => {
    const form = read(request, NoteForm)
    if (!form.ok) {
      const all = await notes.list(me(request).id, '')
      return show(reply.code(422), dashboardPage(frame(request), { ...form, notes: all, search: '' }))
    }
    await notes.add(me(request).id, form.value)
    return reply.redirect('/dashboard?done=added', 303)
  })

  app.get<WithId>('/dashboard/notes/:id', async (request, reply) => {
    const note = await notes.find(me(request).id, request.params.id)
    if (!note) return reply.callNotFound()
    const { id, title, text } = note
    return show(reply, editPage(frame(request), { id, values: { title, text } }))
  })

  app.post<WithId>('/dashboard/notes/:id', async (request, reply) => {
    const { id } = request.params
    const form = read(request, NoteForm)
    if (!form.ok) return show(reply.code(422), editPage(frame(request), { ...form, id }))
    const changed = await notes.change(me(request).id, id, form.value)
    return changed ? reply.redirect('/dashboard?done=saved', 303) : reply.callNotFound()
  })

  app.post<WithId>('/dashboard/notes/:id/delete', async (request, reply) => {
    const removed = await notes.remove(me(request).id, request.params.id)
    return removed ? reply.redirect('/dashboard?done=deleted', 303) : reply.callNotFound()
  })
}
