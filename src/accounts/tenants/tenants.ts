/**
 * Tenants: made, renamed, deleted, and who belongs to them as what. Every change is permitted by who the actor is in that tenant at that
 * moment, and holds at the next request of those it concerns. The last owner who may sign in cannot be taken away here.
 * Sources: OWASP ASVS 5.0 8.2, 8.4.1; lessons L62, L94, L95, L96.
 */
import { act, type Tell } from '../../engine/act.ts'
import { wholeNumber } from '../../engine/options.ts'
import type { Emit } from '../../engine/events.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { fanOut } from '../fan-out.ts'
import { nameOf, readId } from '../ids.ts'
import { lockAdministration, lockUser } from '../lock.ts'
import { normaliseName } from '../users/normalise.ts'
import { splitRoles, type Roles } from '../users/roles.ts'
import type { AccountsDatabase, AccountsTransaction } from '../schema.ts'
import { endInTenant, reportInTenant } from '../tokens/end-in-tenant.ts'
import type { Actor } from '../types.ts'
import { MANAGE, MEMBERS, type Authority } from './authority.ts'
import { hasOtherOwner, insertMember, owns, rolesIn } from './members.ts'
import type { Tenant, TenantChange, TenantProblem, Tenants } from './types.ts'

interface Setting {
  readonly database: AccountsDatabase
  /** Those in a tenant. */
  readonly roles: Roles
  readonly authority: Authority
  readonly choose: Tenants['choose']
  readonly random: (bytes: number) => string
  readonly emit: Emit
  readonly now: () => number
}

const PAGE = 100
const LARGEST_PAGE = 500
const ID_BYTES = 16

/** Makes the service. */
export function createTenants({ database, roles, authority, choose, random, emit, now }: Setting): Tenants {
  const { kysely, dialect } = database

  /** The tenant, as it is until this transaction ends: who could leave it without an owner comes one after the other. */
  async function lockTenant(tx: AccountsTransaction, id: string): Promise<Tenant | undefined> {
    const row = await tx
      .selectFrom('hf_tenants')
      .selectAll()
      .where('id', '=', id)
      .$if(dialect === 'postgres', (query) => query.forNoKeyUpdate())
      .executeTakeFirst()
    return row && toTenant(row)
  }

  /** Does what follows for who left, or is something else there now, and says what ended of theirs. */
  async function follow(
    tx: AccountsTransaction,
    tell: Tell,
    { userId, tenantId, after, by }: Followed,
    x?: Exchange,
  ): Promise<void> {
    const happening = after === undefined ? 'tenant-left' : 'tenant-roles-changed'
    if (after === undefined)
      await tx
        .updateTable('hf_sessions')
        .set({ tenant_id: null })
        .where('user_id', '=', userId)
        .where('tenant_id', '=', tenantId)
        .execute()
    await fanOut(tx, happening, userId, { now: now() })
    const { permissions } = roles.granted(after ?? '')
    const ended = await endInTenant(tx, happening, { userId, tenantId, permissions }, now())
    await reportInTenant(tell, ended, { userId, reason: happening, tenant: tenantId, actor: by }, x)
  }

  /** The one way to change what a member is; without `after` they leave. */
  async function change(
    id: string,
    member: string,
    actor: Actor,
    after: string | undefined,
    x?: Exchange,
  ): Promise<TenantChange> {
    const [tenantId, userId, by] = [readId(id), readId(member), nameOf(actor)]
    const leaves = after === undefined && by === `user:${userId}`
    const outcome = await act(database, emit, async (tx, tell): Promise<TenantProblem | undefined> => {
      // Owners who leave, are disabled or delete themselves at the same moment do so one after the other.
      await lockAdministration(tx, dialect)
      if (!(await lockTenant(tx, tenantId))) return 'unknown-tenant'
      const user = await lockUser(tx, dialect, userId)
      const before = user && (await rolesIn(tx, tenantId, userId))
      const touched = [...splitRoles(before ?? ''), ...splitRoles(after ?? '')]
      const lacks = leaves ? undefined : await authority.lacks(tx, { actor: by, tenantId, permission: MEMBERS, roles: touched })
      if (lacks !== undefined) return lacks
      if (before === undefined) return leaves ? 'unknown-tenant' : 'not-a-member'
      if (user?.kind === 'service' && owns(after ?? '', roles)) return 'service-owner'
      if (owns(before, roles) && !owns(after ?? '', roles) && !(await hasOtherOwner(tx, tenantId, userId, roles)))
        return 'last-owner'
      const row = { user_id: userId, tenant_id: tenantId }
      if (after === undefined)
        await tx
          .deleteFrom('hf_memberships')
          .where((eb) => eb.and(row))
          .execute()
      else
        await tx
          .updateTable('hf_memberships')
          .set({ roles: after })
          .where((eb) => eb.and(row))
          .execute()
      if (before === after) return undefined
      await follow(tx, tell, { userId, tenantId, after, by }, x)
      const data = { userId, tenant: tenantId, from: splitRoles(before), to: splitRoles(after ?? ''), actor: by }
      await tell({ type: 'authz_change', data: { ...data, ...(after === undefined && { left: true }) } }, x)
      return undefined
    })
    if (outcome !== undefined) return refuse(outcome, { tenant: tenantId, actor: by }, x)
    return { ok: true }
  }

  /** Of a tenant that somebody has nothing to do with, and of what they may not do in theirs, the log tells. */
  function refuse(reason: TenantProblem, data: { tenant: string; actor: string }, x?: Exchange): TenantChange {
    if (reason === 'unknown-tenant' || reason === 'not-permitted' || reason === 'role-not-held')
      emit({ type: 'authz_fail', data: { code: `tenant-${reason}`, ...data } }, x)
    return { ok: false, reason }
  }

  async function byId(id: string): Promise<Tenant | undefined> {
    const row = await kysely.selectFrom('hf_tenants').selectAll().where('id', '=', readId(id)).executeTakeFirst()
    return row && toTenant(row)
  }

  return {
    roles: roles.table,
    choose,

    async create({ name, ownerId }, actor, x) {
      const read = normaliseName(name)
      const by = nameOf(actor)
      if (!read.ok) return { ok: false, reason: 'name-invalid' }
      if (!(await authority.managesAll(kysely, by))) return { ok: false, reason: 'not-permitted' }
      const tenant: Tenant = { id: `t_${random(ID_BYTES)}`, name: read.value, createdAt: now() }
      const made = await act(database, emit, async (tx, tell) => {
        const owner = ownerId === undefined ? undefined : await lockUser(tx, dialect, readId(ownerId))
        if (ownerId !== undefined && owner?.kind !== 'person') return false
        await tx.insertInto('hf_tenants').values({ id: tenant.id, name: tenant.name, created_at: tenant.createdAt }).execute()
        const member = { tenantId: tenant.id, roles: roles.administrators[0]!, now: now() }
        if (owner) await insertMember(tx, { ...member, userId: owner.id })
        await tell({ type: 'tenant_created', data: { tenant: tenant.id, owner: ownerId, actor: by } }, x)
        return true
      })
      if (!made) return { ok: false, reason: 'unknown-user' }
      return { ok: true, tenant }
    },

    async rename(id, name, actor, x) {
      const [tenant, by, read] = [readId(id), nameOf(actor), normaliseName(name)]
      if (!read.ok) return { ok: false, reason: 'name-invalid' }
      const lacks = await act(database, emit, async (tx, tell) => {
        if (!(await lockTenant(tx, tenant))) return 'unknown-tenant'
        const lacking = await authority.lacks(tx, { actor: by, tenantId: tenant, permission: MANAGE })
        if (lacking !== undefined) return lacking
        await tx.updateTable('hf_tenants').set({ name: read.value }).where('id', '=', tenant).execute()
        await tell({ type: 'tenant_updated', data: { tenant, change: 'renamed', actor: by } }, x)
        return undefined
      })
      if (lacks !== undefined) return refuse(lacks, { tenant, actor: by }, x)
      return { ok: true }
    },

    async delete(id, actor, x) {
      const [tenant, by] = [readId(id), nameOf(actor)]
      const lacks = await act(database, emit, async (tx, tell) => {
        if (!(await lockTenant(tx, tenant))) return 'unknown-tenant'
        const lacking = await authority.lacks(tx, { actor: by, tenantId: tenant, permission: MANAGE })
        if (lacking !== undefined) return lacking
        const members = await tx.selectFrom('hf_memberships').select('user_id').where('tenant_id', '=', tenant).execute()
        // In one order, so that two who delete never wait for each other.
        for (const userId of members.map((row) => row.user_id).toSorted()) {
          await lockUser(tx, dialect, userId)
          await follow(tx, tell, { userId, tenantId: tenant, after: undefined, by }, x)
        }
        await tx.deleteFrom('hf_tenants').where('id', '=', tenant).execute()
        await tell({ type: 'tenant_updated', data: { tenant, change: 'deleted', actor: by } }, x)
        return undefined
      })
      if (lacks !== undefined) return refuse(lacks, { tenant, actor: by }, x)
      return { ok: true }
    },

    byId,

    async list({ limit = PAGE, after } = {}) {
      const last = after === undefined ? undefined : await byId(after)
      const rows = await kysely
        .selectFrom('hf_tenants')
        .selectAll()
        .$if(after !== undefined, (query) =>
          query.where((eb) =>
            eb.or([
              eb('created_at', '>', last?.createdAt ?? Number.MAX_SAFE_INTEGER),
              eb.and([eb('created_at', '=', last?.createdAt ?? 0), eb('id', '>', last?.id ?? '')]),
            ]),
          ),
        )
        .orderBy('created_at')
        .orderBy('id')
        .limit(wholeNumber('limit', limit, 1, LARGEST_PAGE))
        .execute()
      return rows.map(toTenant)
    },

    async of(userId) {
      const rows = await kysely
        .selectFrom('hf_memberships')
        .innerJoin('hf_tenants', 'id', 'tenant_id')
        .select(['id', 'name', 'hf_tenants.created_at', 'roles'])
        .where('user_id', '=', readId(userId))
        .orderBy('name')
        .orderBy('id')
        .execute()
      return rows.map((row) => ({ ...toTenant(row), roles: roles.granted(row.roles).roles }))
    },

    async members(id) {
      const rows = await kysely
        .selectFrom('hf_memberships')
        .innerJoin('hf_users', 'id', 'user_id')
        .select(['user_id', 'login', 'name', 'hf_memberships.roles as held', 'hf_memberships.created_at as since'])
        .where('tenant_id', '=', readId(id))
        .orderBy('since')
        .orderBy('user_id')
        .execute()
      return rows.map(({ user_id: userId, held, ...rest }) => ({ userId, ...rest, roles: roles.granted(held).roles }))
    },

    async add(id, member, wanted, actor, x) {
      const [tenantId, userId, by] = [readId(id), readId(member), nameOf(actor)]
      const stored = roles.stored(wanted)
      if (stored === undefined) return { ok: false, reason: 'role-unknown' }
      const outcome = await act(database, emit, async (tx, tell): Promise<TenantProblem | undefined> => {
        const tenant = await lockTenant(tx, tenantId)
        const lacks = await authority.lacks(tx, { actor: by, tenantId, permission: MEMBERS })
        if (!tenant || lacks === 'unknown-tenant') return 'unknown-tenant'
        if (!(await authority.managesAll(tx, by))) return 'not-permitted'
        const user = await lockUser(tx, dialect, userId)
        if (!user) return 'unknown-user'
        if (user.kind === 'service' && owns(stored, roles)) return 'service-owner'
        if (!(await insertMember(tx, { tenantId, userId, roles: stored, now: now() }))) return 'already-a-member'
        const data = { userId, tenant: tenantId, from: [], to: splitRoles(stored), actor: by }
        await tell({ type: 'authz_change', data }, x)
        return undefined
      })
      if (outcome !== undefined) return refuse(outcome, { tenant: tenantId, actor: by }, x)
      return { ok: true }
    },

    async setRoles(id, member, wanted, actor, x) {
      const stored = roles.stored(wanted)
      return stored === undefined ? { ok: false, reason: 'role-unknown' } : await change(id, member, actor, stored, x)
    },

    remove: (id, member, actor, x) => change(id, member, actor, undefined, x),
  }
}

/** Whose membership changed, and by whom; without `after` they left. */
interface Followed {
  readonly userId: string
  readonly tenantId: string
  readonly after: string | undefined
  readonly by: string
}

function toTenant({ id, name, created_at }: { id: string; name: string; created_at: number }): Tenant {
  return { id, name, createdAt: created_at }
}
