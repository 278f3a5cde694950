/** For administrators: who may come. Where there is no mail there are no invitations. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { requires } from 'holdfast/fastify'
import * as v from 'valibot'
import type { Desk, Texts, WithId } from './desk.ts'

const InvitationForm = v.strictObject({
  address: v.pipe(v.string(), v.trim(), v.minLength(3, 'Write an address of mail.'), v.maxLength(254, 'At most 254 characters.')),
  invitedRole: v.picklist(['member', 'admin'], 'Choose a role.'),
})

/** Shows the administrators' page again, with what is wrong. */
type Answer = (request: FastifyRequest, reply: FastifyReply, errors: Texts, values: Texts) => Promise<FastifyReply>

export function invitationRoutes(app: FastifyInstance, { accounts, actor, read }: Desk, answer: Answer): void {
  if (accounts.signUp.mode === 'closed') return
  const guarded = { preHandler: requires({ role: 'admin' }) }

  app.post('/admin/invitations', guarded, async (request, reply) => {
    const form = read(request, InvitationForm)
    if (!form.ok) return answer(request, reply.code(422), form.errors, form.values)
    const { address, invitedRole } = form.value
    const invited = await accounts.invitations.create({ address, roles: [invitedRole], invitedBy: actor(request) })
    if (invited.ok) return reply.redirect('/admin?done=invited', 303)
    return answer(request, reply.code(422), explain(invited.reason), { address, invitedRole })
  })

  app.post<WithId>('/admin/invitations/:id/revoke', guarded, async (request, reply) => {
    const taken = await accounts.invitations.revoke(request.params.id, actor(request))
    return taken ? reply.redirect('/admin?done=revoked', 303) : reply.callNotFound()
  })
}

function explain(reason: string): Texts {
  if (reason === 'address-invalid') return { address: 'Write an address such as mira@example.org.' }
  if (reason === 'too-many') return { address: 'This address got several letters in the last hour. Try again later.' }
  return { form: 'You may not invite to this.' }
}
