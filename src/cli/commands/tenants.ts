/** `holdfast tenants`: organisations, and who belongs to them as what. */
import type { Accounts, TenantProblem, User } from '../../accounts/types.ts'
import { shown } from '../arguments.ts'
import { done, refused, type Call, type Command, type Outcome } from '../command.ts'
import { instant, table } from '../table.ts'

const ROLE = { type: 'string', value: 'ROLE', multiple: true, what: 'A role in the tenant; give it again for more' } as const

export const tenants: Command = {
  name: 'tenants',
  what: 'Make tenants, and say who belongs to them',
  actions: [
    {
      name: 'create',
      args: ['NAME'],
      what: 'Make a tenant',
      options: { owner: { type: 'string', value: 'LOGIN', what: 'Who owns it' } },
      run: create,
    },
    { name: 'list', args: [], what: 'List all tenants, the oldest first', run: list },
    { name: 'members', args: ['TENANT'], what: 'Who belongs to a tenant, and in which roles', run: members },
    { name: 'add', args: ['TENANT', 'LOGIN'], what: 'Make somebody a member', options: { role: ROLE }, run: add },
    {
      name: 'set-roles',
      args: ['TENANT', 'LOGIN'],
      what: 'Give a member exactly these roles, in place of those they have',
      options: { role: ROLE },
      run: setRoles,
    },
    { name: 'remove', args: ['TENANT', 'LOGIN'], what: 'Remove a member; it holds at their next request', run: remove },
  ],
}

async function create(call: Call): Promise<Outcome> {
  const [name] = call.args
  const owner = call.option('owner')
  return await withTenants(call, async (accounts, actor) => {
    const user = owner === undefined ? undefined : await accounts.users.byLogin(owner)
    if (owner !== undefined && !user) return noUser(owner)
    const made = await accounts.tenants.create({ name: name!, ownerId: user?.id }, actor)
    return made.ok ? done(`Made the tenant ${shown(made.tenant.name)}: ${made.tenant.id}`, made) : problem(made.reason)
  })
}

async function list(call: Call): Promise<Outcome> {
  return await withTenants(call, async ({ tenants: all }) => {
    const found = await all.list({ limit: 500 })
    const rows = found.map(({ id, name, createdAt }) => [id, name, instant(createdAt)])
    return done(rows.length === 0 ? 'No tenant.' : table(['TENANT', 'NAME', 'SINCE'], rows), { tenants: found })
  })
}

async function members(call: Call): Promise<Outcome> {
  return await withTenants(call, async ({ tenants: all }) => {
    const id = call.args[0]!
    if (!(await all.byId(id))) return problem('unknown-tenant')
    const found = await all.members(id)
    const rows = found.map(({ login, name, roles, since }) => [login, name, roles.join(' ') || '-', instant(since)])
    return done(rows.length === 0 ? 'No member.' : table(['LOGIN', 'NAME', 'ROLES', 'SINCE'], rows), { members: found })
  })
}

function add(call: Call): Promise<Outcome> {
  return withMember(call, async ({ tenants: all }, actor, user) => {
    const changed = await all.add(call.args[0]!, user.id, call.list('role') ?? [], actor)
    return changed.ok ? done(`${shown(user.login)} belongs to it now.`, { ok: true }) : problem(changed.reason)
  })
}

function setRoles(call: Call): Promise<Outcome> {
  return withMember(call, async ({ tenants: all }, actor, user) => {
    const changed = await all.setRoles(call.args[0]!, user.id, call.list('role') ?? [], actor)
    return changed.ok ? done(`Changed the roles of ${shown(user.login)} there.`, { ok: true }) : problem(changed.reason)
  })
}

function remove(call: Call): Promise<Outcome> {
  return withMember(call, async ({ tenants: all }, actor, user) => {
    const changed = await all.remove(call.args[0]!, user.id, actor)
    return changed.ok ? done(`${shown(user.login)} does not belong to it any more.`, { ok: true }) : problem(changed.reason)
  })
}

type Cli = { readonly kind: 'system'; readonly id: 'cli' }

async function withTenants(call: Call, work: (accounts: Accounts, actor: Cli) => Promise<Outcome>): Promise<Outcome> {
  const { CLI, withAccounts } = await import('../open.ts')
  return await withAccounts(call, { make: false }, (accounts) => work(accounts, CLI))
}

function withMember(call: Call, work: (accounts: Accounts, actor: Cli, user: User) => Promise<Outcome>): Promise<Outcome> {
  const login = call.args[1]!
  return withTenants(call, async (accounts, actor) => {
    const user = await accounts.users.byLogin(login)
    return user ? await work(accounts, actor, user) : noUser(login)
  })
}

function noUser(login: string): Outcome {
  return refused('unknown-user', `There is no user ${shown(login)}.`)
}

const WORDS: Readonly<Record<TenantProblem, string>> = {
  'unknown-tenant': 'There is no such tenant. "holdfast tenants list" names them by their id.',
  'unknown-user': 'There is no such user.',
  'not-a-member': 'They do not belong to this tenant.',
  'already-a-member': 'They belong to it already. Change what they are with "holdfast tenants set-roles".',
  'role-unknown': 'There is no such role in a tenant. The application names them in its option `tenants`.',
  'name-invalid': 'This cannot be a name: 1 to 200 characters that can be seen.',
  'not-permitted': 'That is not permitted.',
  'role-not-held': 'That is not permitted.',
  'last-owner': 'They are its last owner. Make somebody else an owner first.',
  'service-owner': 'A service owns no tenant: nobody could sign in as its owner. Give it another role.',
}

function problem(reason: TenantProblem): Outcome {
  return refused(reason, WORDS[reason])
}
