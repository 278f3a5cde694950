/** A note with a picture, written on two pages, and the picture itself. */
import { rm } from 'node:fs/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { download } from 'holdfast/files'
import type { StepPage } from 'holdfast/forms'
import type { Illustrated } from '../forms.ts'
import type { Notes } from '../notes.ts'
import { formPage } from '../pages/notes.ts'
import type { Desk, WithId } from './desk.ts'

const ADDRESS = '/dashboard/illustrated'
const ADDED = '/dashboard?done=added'

export function illustratedRoutes(
  app: FastifyInstance,
  { me, frame, show }: Desk,
  notes: Notes,
  { steps, dir }: Illustrated,
): void {
  function shown(request: FastifyRequest, reply: FastifyReply, at: StepPage) {
    const form = at.view({ action: ADDRESS, submit: 'Add note' })
    return show(reply, formPage(frame(request), 'New note with a picture', form, `Step ${at.step + 1} of ${at.of}`), at.status)
  }

  app.get(ADDRESS, (request, reply) => shown(request, reply, steps.begin(request)))

  app.post(ADDRESS, async (request, reply) => {
    const at = await steps.read(request)
    if (!at.done) return shown(request, reply, at)
    const [content, { picture, alt }] = at.sent.value
    const { file, type, name } = picture
    await notes.add(me(request).id, content, { file, type, name, alt }).catch(async (error: unknown) => {
      // Nothing points to the picture: it goes, and the page may be sent again.
      await at.sent.wrong({})
      throw error
    })
    await at.sent.done(ADDED)
    return reply.redirect(ADDED, 303)
  })

  app.get<WithId>('/dashboard/notes/:id/picture', async (request, reply) => {
    const note = await notes.find(me(request).id, request.params.id)
    if (!note?.picture) return reply.callNotFound()
    const { file, name, type } = note.picture
    return (await download(reply, { dir, file }, { name, type })) ?? reply.callNotFound()
  })

  notes.onRemoved(({ picture }) => picture && rm(`${dir}/${picture.file}`, { force: true }))
}
