/** The same for programs, with a session or an API key: JSON in, JSON out. */
import type { FastifyInstance } from 'fastify'
import { requires } from 'holdfast/fastify'
import * as forms from '../forms.ts'
import type { Notes } from '../notes.ts'
import type { Desk } from './desk.ts'

export function apiRoutes(app: FastifyInstance, { me, gives }: Desk, notes: Notes): void {
  app.get('/api/me', (request) => {
    const { id, login, name, roles } = me(request)
    return { id, login, name, roles }
  })

  app.get('/api/notes', { preHandler: requires({ permission: 'notes:read' }) }, async (request, reply) => {
    const asked = await forms.search.query(request)
    if (asked.ok) {
      const found = await notes.list(me(request).id, asked.value.search)
      gives(request, found)
      return { notes: found }
    }
    const { status, headers, body } = asked.problem()
    return reply.code(status).headers(headers).send(body)
  })

  app.post('/api/notes', { preHandler: requires({ permission: 'notes:write' }) }, async (request, reply) => {
    const sent = await forms.note.json(request)
    if (sent.ok) return reply.code(201).send(await notes.add(me(request).id, sent.value))
    const { status, headers, body } = sent.problem()
    return reply.code(status).headers(headers).send(body)
  })
}
