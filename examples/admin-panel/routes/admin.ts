/** For administrators: who is here, and what may they do. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Secret, type User } from 'holdfast'
import { requires } from 'holdfast/fastify'
import type { Refused } from 'holdfast/forms'
import { html } from 'holdfast/html'
import * as forms from '../forms.ts'
import type { Data } from '../data.ts'
import { adminPage, type Listed } from '../pages/admin.ts'
import type { Desk, WithId } from './desk.ts'
import { invitationRoutes } from './invitations.ts'

/** What `?done=` may say. */
const DONE = {
  added: 'The user was added.',
  changed: 'The user was changed.',
  invited: 'A letter is on its way.',
  revoked: 'The invitation was taken back.',
}
const ADDED = '/admin?done=added'
const MOST_USERS = 500
const LAST_ADMINISTRATOR = 'That is not possible: somebody has to stay administrator.'

/** What is wrong, and with which form of the page. */
interface Wrong {
  readonly user?: Refused
  readonly invite?: Refused
  readonly problem?: { readonly status: number; readonly words: string }
}

/** Shows the administrators' page again, with what is wrong. */
export type Answer = (request: FastifyRequest, reply: FastifyReply, wrong: Wrong) => Promise<FastifyReply>

export function adminRoutes(app: FastifyInstance, desk: Desk, { notes, messages }: Data): void {
  const { accounts, actor, frame, gives, notice, show } = desk
  const guarded = { preHandler: requires({ role: 'admin' }) }
  /** What gives or takes rights asks anew who has sat there for long; the form waits meanwhile. */
  const proved = { preHandler: requires({ role: 'admin', within: '15m' }) }

  async function answer(request: FastifyRequest, reply: FastifyReply, { user, invite, problem }: Wrong = {}) {
    const [users, all] = [await accounts.users.list({ limit: MOST_USERS }), await notes.everybodys()]
    gives(request, all)
    const page = adminPage(frame(request), {
      users: await listed(request, users),
      invitations: accounts.signUp.mode === 'closed' ? undefined : await accounts.invitations.list(),
      notes: all,
      messages: await messages.latest(),
      notice: await notice(request, DONE),
      newUser: forms.newUser.view(request, {
        ...{ action: '/admin/users', submit: 'Add user', values: { role: 'member' }, sent: user },
      }),
      invite: forms.invitation.view(request, {
        ...{ action: '/admin/invitations', submit: 'Invite', values: { invitedRole: 'member' }, sent: invite },
      }),
      problem: problem?.words,
    })
    return show(reply, page, user?.status ?? invite?.status ?? problem?.status)
  }

  /** Who needs more than a password to come in, and the forms of each. */
  async function listed(request: FastifyRequest, users: readonly User[]): Promise<Listed[]> {
    const rows: Listed[] = []
    for (const user of users) {
      const { id, login: about, roles } = user
      const action = `/admin/users/${encodeURIComponent(id)}/role`
      const given = { role: roles[0] as keyof typeof forms.ROLES }
      rows.push({
        ...user,
        secondFactor: (await accounts.factors.of(id)).kinds.length > 0,
        role: forms.userRole.view(request, {
          ...{ action, about, values: given, id: `user-${id}`, hideLabels: true, class: 'field row' },
          submit: html`<button class="btn small"><span>Change<span class="sr"> the role of ${about}</span></span></button>`,
        }),
        state: forms.userStatus.view(request, {}),
      })
    }
    return rows
  }

  app.get('/admin', guarded, (request, reply) => answer(request, reply))
  invitationRoutes(app, desk, answer)

  app.post('/admin/users', guarded, async (request, reply) => {
    const sent = await forms.newUser.read(request)
    if (!sent.ok) return answer(request, reply, { user: sent })
    const { login, password, role } = sent.value
    const created = await accounts.users.create({ login, roles: [role], password: new Secret(password) }, actor(request))
    if (!created.ok) return answer(request, reply, { user: await sent.wrong(explain(created.reason)) })
    await sent.done(ADDED)
    return reply.redirect(ADDED, 303)
  })

  app.post<WithId>('/admin/users/:id/role', proved, async (request, reply) => {
    const sent = await forms.userRole.read(request)
    if (!sent.ok) return answer(request, reply, { problem: { status: sent.status, words: sent.errors[0]!.message } })
    const changed = await accounts.users.setRoles(request.params.id, [sent.value.role], actor(request))
    if (changed.ok) return reply.redirect('/admin?done=changed', 303)
    if (changed.reason !== 'last-administrator') return reply.callNotFound()
    return answer(request, reply, { problem: { status: 409, words: LAST_ADMINISTRATOR } })
  })

  app.post<WithId>('/admin/users/:id/status', proved, async (request, reply) => {
    const sent = await forms.userStatus.read(request)
    if (!sent.ok) return answer(request, reply, { problem: { status: sent.status, words: sent.errors[0]!.message } })
    const { id } = request.params
    if (!(await accounts.users.byId(id))) return reply.callNotFound()
    const { enable, disable } = accounts.users
    const by = actor(request)
    const changed = sent.value.status === 'active' ? await enable(id, by) : (await disable(id, by)).ok
    if (changed) return reply.redirect('/admin?done=changed', 303)
    return answer(request, reply, { problem: { status: 409, words: LAST_ADMINISTRATOR } })
  })
}

/** Why no user was made, at the field where it can be mended. */
function explain(reason: string) {
  if (reason === 'login-taken') return { login: 'Somebody has this name already.' }
  if (reason.startsWith('login') || reason.startsWith('name')) return { login: 'Use letters, digits and signs without spaces.' }
  if (reason === 'too-short') return { password: 'This password is too short.' }
  return { password: 'This password is among the first that would be tried. Choose another.' }
}
