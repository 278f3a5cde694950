/** A form for everybody. What sends it has to work for it first (`challenge` in `rules`), so that a program cannot fill our list. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Refused } from 'holdfast/forms'
import { contact } from '../forms.ts'
import type { Messages } from '../messages.ts'
import { contactPage } from '../pages/contact.ts'
import type { Desk } from './desk.ts'

export const CONTACT = '/contact'
/** Names the route where the kit is told what it asks for. */
export const SENDS = `POST ${CONTACT}` as const

const DONE = { sent: 'Thank you. Somebody will read it.' }

export function contactRoutes(app: FastifyInstance, { frame, notice, show, challenge }: Desk, messages: Messages): void {
  async function answer(request: FastifyRequest, reply: FastifyReply, sent?: Refused) {
    const form = contact.view(request, { action: CONTACT, sent, hidden: challenge(request, SENDS) })
    return show(reply, contactPage(frame(request), form, await notice(request, DONE)), sent?.status)
  }

  app.get(CONTACT, (request, reply) => answer(request, reply))

  app.post(CONTACT, async (request, reply) => {
    const sent = await contact.read(request)
    if (!sent.ok) return answer(request, reply, sent)
    await messages.add(sent.value)
    return reply.redirect(`${CONTACT}?done=sent`, 303)
  })
}
