/** For administrators: who is here, and what may they do. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Secret, type User } from 'holdfast'
import { requires } from 'holdfast/fastify'
import * as v from 'valibot'
import type { Notes } from '../notes.ts'
import { adminPage, type Listed } from '../pages/admin.ts'
import type { Desk, Texts, WithId } from './desk.ts'
import { invitationRoutes } from './invitations.ts'

const Role = v.picklist(['member', 'admin'], 'Choose a role.')
const NewUserForm = v.strictObject({
  login: v.pipe(
    v.string(),
    v.trim(),
    v.minLength(1, 'Write a name to sign in with.'),
    v.maxLength(254, 'At most 254 characters.'),
  ),
  password: v.pipe(v.string(), v.minLength(1, 'Write a password.'), v.maxLength(256, 'At most 256 characters.')),
  role: Role,
})
const RoleForm = v.strictObject({ role: Role })
const StatusForm = v.strictObject({ status: v.picklist(['active', 'disabled']) })

/** What `?done=` may say. */
const DONE = new Map([
  ['added', 'The user was added.'],
  ['changed', 'The user was changed.'],
  ['invited', 'A letter is on its way.'],
  ['revoked', 'The invitation was taken back.'],
])
const MOST_USERS = 500
const LAST_ADMINISTRATOR = { form: 'That is not possible: somebody has to stay administrator.' }

export function adminRoutes(app: FastifyInstance, desk: Desk, notes: Notes): void {
  const { accounts, actor, frame, gives, query, read, show } = desk
  const guarded = { preHandler: requires({ role: 'admin' }) }

  /** The page, with what is wrong when something is. */
  async function answer(request: FastifyRequest, reply: FastifyReply, errors: Texts = {}, values: Texts = {}) {
    const [users, all] = [await accounts.users.list({ limit: MOST_USERS }), await notes.everybodys()]
    gives(request, all)
    const notice = DONE.get(query(request, 'done'))
    const invitations = accounts.signUp.mode === 'closed' ? undefined : await accounts.invitations.list()
    const model = { users: await withFactors(users), invitations, notes: all, notice, errors, values }
    return show(reply, adminPage(frame(request), model))
  }

  /** Who needs more than a password to come in. */
  async function withFactors(users: readonly User[]): Promise<Listed[]> {
    const listed: Listed[] = []
    for (const user of users) listed.push({ ...user, secondFactor: (await accounts.factors.of(user.id)).kinds.length > 0 })
    return listed
  }

  app.get('/admin', guarded, (request, reply) => answer(request, reply))
  invitationRoutes(app, desk, answer)

  app.post('/admin/users', guarded, async (request, reply) => {
    const form = read(request, NewUserForm)
    if (!form.ok) return answer(request, reply.code(422), form.errors, form.values)
    const { login, password, role } = form.value
    const created = await accounts.users.create({ login, roles: [role], password: new Secret(password) }, actor(request))
    if (created.ok) return reply.redirect('/admin?done=added', 303)
    return answer(request, reply.code(422), explain(created.reason), { login, role })
  })

  app.post<WithId>('/admin/users/:id/role', guarded, async (request, reply) => {
    const form = read(request, RoleForm)
    if (!form.ok) return answer(request, reply.code(422), { form: 'Choose a role.' })
    const changed = await accounts.users.setRoles(request.params.id, [form.value.role], actor(request))
    if (changed.ok) return reply.redirect('/admin?done=changed', 303)
    return changed.reason === 'last-administrator' ? answer(request, reply.code(409), LAST_ADMINISTRATOR) : reply.callNotFound()
  })

  app.post<WithId>('/admin/users/:id/status', guarded, async (request, reply) => {
    const form = read(request, StatusForm)
    if (!form.ok) return answer(request, reply.code(422), { form: 'Choose whether the user may sign in.' })
    const { id } = request.params
    if (!(await accounts.users.byId(id))) return reply.callNotFound()
    const { enable, disable } = accounts.users
    const changed = await (form.value.status === 'active' ? enable(id, actor(request)) : disable(id, actor(request)))
    return changed ? reply.redirect('/admin?done=changed', 303) : answer(request, reply.code(409), LAST_ADMINISTRATOR)
  })
}

/** Why no user was made, at the field where it can be mended. */
function explain(reason: string): Texts {
  if (reason === 'login-taken') return { login: 'Somebody has this name already.' }
  if (reason.startsWith('login') || reason.startsWith('name')) return { login: 'Use letters, digits and signs without spaces.' }
  if (reason === 'too-short') return { password: 'This password is too short.' }
  return { password: 'This password is among the first that would be tried. Choose another.' }
}
