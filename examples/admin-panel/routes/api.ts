/** The same for programs, with a session or an API key: JSON in, JSON out. */
import type { FastifyInstance } from 'fastify'
import { requires } from 'holdfast/fastify'
import type { Notes } from '../notes.ts'
import type { Desk } from './desk.ts'
import { NoteForm } from './notes.ts'

export function apiRoutes(app: FastifyInstance, { me, query, read, gives }: Desk, notes: Notes): void {
  app.get('/api/me', (request) => {
    const { id, login, name, roles } = me(request)
    return { id, login, name, roles }
  })

  app.get('/api/notes', { preHandler: requires({ permission: 'notes:read' }) }, async (request) => {
    const found = await notes.list(me(request).id, query(request, 'search'))
    gives(request, found)
    return { notes: found }
  })

  app.post('/api/notes', { preHandler: requires({ permission: 'notes:write' }) }, async (request, reply) => {
    const body = read(request, NoteForm)
    if (!body.ok) return reply.code(422).send({ errors: body.errors })
    return reply.code(201).send(await notes.add(me(request).id, body.value))
  })
}
