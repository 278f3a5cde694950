/** For administrators: who may come. Where there is no mail there are no invitations. */
import type { FastifyInstance } from 'fastify'
import { requires } from 'holdfast/fastify'
import * as forms from '../forms.ts'
import type { Answer } from './admin.ts'
import type { Desk, WithId } from './desk.ts'

export function invitationRoutes(app: FastifyInstance, { accounts, actor }: Desk, answer: Answer): void {
  if (accounts.signUp.mode === 'closed') return
  const guarded = { preHandler: requires({ role: 'admin' }) }

  app.post('/admin/invitations', guarded, async (request, reply) => {
    const sent = await forms.invitation.read(request)
    if (!sent.ok) return answer(request, reply, { invite: sent })
    const { address, invitedRole } = sent.value
    const invited = await accounts.invitations.create({ address, roles: [invitedRole], invitedBy: actor(request) })
    if (invited.ok) return reply.redirect('/admin?done=invited', 303)
    return answer(request, reply, { invite: await sent.wrong(explain(invited.reason)) })
  })

  app.post<WithId>('/admin/invitations/:id/revoke', guarded, async (request, reply) => {
    const taken = await accounts.invitations.revoke(request.params.id, actor(request))
    return taken ? reply.redirect('/admin?done=revoked', 303) : reply.callNotFound()
  })
}

function explain(reason: string) {
  if (reason === 'address-invalid') return { address: 'Write an address such as mira@example.org.' }
  if (reason === 'too-many') return { address: 'This address got several letters in the last hour. Try again later.' }
  return { form: 'You may not invite to this.' }
}
