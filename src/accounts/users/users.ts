/** Users: made, found, listed, disabled, given roles. An active administrator is always left. Source: OWASP ASVS 5.0 V8.2, 7.4.2. */
import { act } from '../../engine/act.ts'
import { sql, type Expression, type SqlBool } from 'kysely'
import { wholeNumber } from '../../engine/options.ts'
import type { Emit } from '../../engine/events.ts'
import { isUniqueViolation } from '../../store/errors.ts'
import { AddressTaken, ownerOf, readAddress } from '../addresses/addresses.ts'
import { spendForRoles } from '../approvals/kit.ts'
import { noteRights } from '../approvals/rights.ts'
import type { ApprovalGate } from '../approvals/types.ts'
import type { Administrators } from './administrators.ts'
import { changeAddress, reportAddress } from '../addresses/change-address.ts'
import { nameOf, readId } from '../ids.ts'
import { fanOut } from '../fan-out.ts'
import { lockAdministration, lockUser } from '../lock.ts'
import type { Draft, Drafted, Drafts } from '../newcomers/new-user.ts'
import { isLeaving, shutOut, stay } from '../profile/leaving.ts'
import { normaliseLogin, normaliseName } from './normalise.ts'
import { splitRoles, type Roles } from './roles.ts'
import { ownedAlone } from '../tenants/members.ts'
import { endKeys } from '../tokens/end-keys.ts'
import type { AccountsDatabase, UserRow } from '../schema.ts'
import type { Actor, Created, StatusChange, User, Users } from '../types.ts'

interface Setting {
  readonly database: AccountsDatabase
  readonly drafts: Drafts
  readonly roles: Roles
  /** Those in a tenant. */
  readonly tenantRoles: Roles
  readonly administrators: Administrators
  readonly approved: ApprovalGate
  /** Forgets the failures of the one with this login. */
  readonly forgetFailures: (login: string) => Promise<void>
  readonly emit: Emit
  readonly now: () => number
}

const PAGE = 100
const LARGEST_PAGE = 500

/** Makes the service. Every change names who made it, and takes effect at the next request of those it concerns. */
export function createUsers(setting: Setting): Users {
  const { database, drafts, roles, tenantRoles, administrators, approved, forgetFailures, emit, now } = setting
  const { kysely, dialect } = database

  /** Users, each with their address. */
  function people() {
    return kysely
      .selectFrom('hf_users')
      .leftJoin('hf_addresses', 'user_id', 'id')
      .selectAll('hf_users')
      .select(['address', 'verified_at'])
  }

  async function setStatus(id: string, status: UserRow['status'], actor: Actor, orphan = false): Promise<StatusChange> {
    const happening = status === 'disabled' ? 'user-disabled' : 'user-enabled'
    const data = { userId: id, actor: nameOf(actor) }
    return await act(database, emit, async (tx, tell) => {
      await lockAdministration(tx, dialect)
      const user = await lockUser(tx, dialect, id)
      if (!user) return { ok: false, reason: 'unknown-user' }
      // Who is being deleted is kept out already; an operator decides about them anew.
      const leaving = await isLeaving(tx, id)
      if (leaving && status === 'active') await stay(tx, id)
      if (leaving && status === 'disabled') await shutOut(tx, id)
      if (user.status === status && !leaving) return { ok: true }
      if (status === 'disabled' && administrators.includes(user, user.roles) && !(await administrators.haveOther(tx, id)))
        return { ok: false, reason: 'last-administrator' }
      const alone = status === 'disabled' && user.status === 'active' ? await ownedAlone(tx, id, tenantRoles) : undefined
      if (alone !== undefined && !orphan) return { ok: false, reason: 'last-owner', tenant: alone }
      await tx.updateTable('hf_users').set({ status }).where('id', '=', id).execute()
      if (status === 'active') await noteRights(tx, id, nameOf(actor), now())
      const keys = await endKeys(tx, happening, id, now())
      const ended = await fanOut(tx, happening, id, { now: now() })
      await tell({ type: 'user_updated', data: { ...data, change: happening, orphaned: alone } })
      if (ended.length > 0) await tell({ type: 'session_ended', data: { ...data, sessions: ended, reason: happening } })
      if (keys.length > 0) await tell({ type: 'authn_token_revoked', data: { ...data, keys, reason: happening } })
      return { ok: true }
    })
  }

  async function make(drafted: Drafted, actor: Actor, asker = actor): Promise<Created> {
    if (!drafted.ok) return drafted
    const { row } = drafted.draft
    const kind = row.kind === 'service' ? row.kind : undefined
    const data = { userId: row.id, roles: splitRoles(row.roles), kind, actor: nameOf(actor) }
    let allowed = false
    try {
      allowed = await act(database, emit, async (tx, tell) => {
        const grant = { actor, asker, to: row.login_key, before: '', after: row.roles }
        if (!(await spendForRoles(tx, tell, { approved, roles }, grant))) return false
        await drafts.write(tx, drafted.draft)
        await noteRights(tx, row.id, nameOf(actor), now())
        await tell({ type: 'user_created', data })
        return true
      })
    } catch (error) {
      if (error instanceof AddressTaken) return { ok: false, reason: 'address-taken' }
      if (isUniqueViolation(error)) return { ok: false, reason: 'login-taken' }
      throw error
    }
    if (!allowed) return { ok: false, reason: 'approval-required' }
    return { ok: true, user: toUser({ ...row, ...columnsOf(drafted.draft) }) }
  }

  return {
    create: async (input, actor, { asker } = {}) => make(await drafts.prepare(input), actor, asker),

    async createService({ login, name, roles: wanted = [] }, actor, { asker } = {}) {
      return make(await drafts.prepare({ login, roles: wanted, ...(name !== undefined && { name }) }, 'service'), actor, asker)
    },

    async byId(id) {
      const row = await people().where('id', '=', readId(id)).executeTakeFirst()
      return row && toUser(row)
    },

    async byLogin(login) {
      const key = normaliseLogin(login)
      if (!key.ok) return undefined
      const row = await people().where('login_key', '=', key.value).executeTakeFirst()
      return row && toUser(row)
    },

    async byAddress(typed) {
      const address = readAddress(typed)
      const owner = address && (await ownerOf(kysely, address))
      const row = owner && (await people().where('id', '=', owner.userId).executeTakeFirst())
      return row && toUser(row)
    },

    async list({ limit = PAGE, after } = {}) {
      const rows = await people()
        .$if(after !== undefined, (query) => query.where(comesAfter(readId(after!))))
        .orderBy('created_at')
        .orderBy('id')
        .limit(wholeNumber('limit', limit, 1, LARGEST_PAGE))
        .execute()
      return rows.map(toUser)
    },

    async count() {
      const { count } = await kysely
        .selectFrom('hf_users')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow()
      return count
    },

    disable: (id, actor, { orphanTenants } = {}) => setStatus(readId(id), 'disabled', actor, orphanTenants),
    async enable(id, actor) {
      return (await setStatus(readId(id), 'active', actor)).ok
    },

    async unlock(id, actor) {
      const userId = readId(id)
      const user = await kysely.selectFrom('hf_users').select('login').where('id', '=', userId).executeTakeFirst()
      if (!user) return false
      await act(database, emit, async (_, tell) => {
        await tell({ type: 'authn_login_unlock', data: { userId, by: 'operator', actor: nameOf(actor) } })
      })
      await forgetFailures(user.login)
      return true
    },

    async setRoles(userId, wanted, actor, { asker = actor } = {}) {
      const id = readId(userId)
      const stored = roles.stored(wanted)
      if (stored === undefined) return { ok: false, reason: 'role-unknown' }
      const before = await act(database, emit, async (tx, tell) => {
        await lockAdministration(tx, dialect)
        const user = await lockUser(tx, dialect, id)
        if (!user || user.roles === stored) return user && { user }
        const leaves =
          user.status === 'active' && administrators.includes(user, user.roles) && !administrators.includes(user, stored)
        if (leaves && !(await administrators.haveOther(tx, id))) return 'last-administrator'
        const grant = { actor, asker, to: user.login_key, before: user.roles, after: stored }
        if (!(await spendForRoles(tx, tell, { approved, roles }, grant))) return 'approval-required'
        await tx.updateTable('hf_users').set({ roles: stored }).where('id', '=', id).execute()
        await noteRights(tx, id, nameOf(actor), now())
        await fanOut(tx, 'roles-changed', id, { now: now() })
        const data = { userId: id, from: splitRoles(user.roles), to: splitRoles(stored), actor: nameOf(actor) }
        await tell({ type: 'authz_change', data })
        return { user }
      })
      if (before === undefined) return { ok: false, reason: 'unknown-user' }
      if (typeof before === 'string') return { ok: false, reason: before }
      return { ok: true }
    },

    async setName(id, typed, actor, { exchange } = {}) {
      const userId = readId(id)
      const name = normaliseName(typed)
      if (!name.ok) return { ok: false, reason: 'name-invalid' }
      return await act(database, emit, async (tx, tell) => {
        const named = tx.updateTable('hf_users').set({ name: name.value }).where('id', '=', userId)
        const { numUpdatedRows } = await named.executeTakeFirst()
        if (numUpdatedRows === 0n) return { ok: false, reason: 'unknown-user' }
        await tell({ type: 'user_updated', data: { userId, actor: nameOf(actor), change: 'name-changed' } }, exchange)
        return { ok: true }
      })
    },

    async setAddress(id, typed, actor, { verified = false, keepSession, exchange } = {}) {
      const userId = readId(id)
      const address = readAddress(typed)
      if (!address) return { ok: false, reason: 'address-invalid' }
      try {
        const change = { userId, address, verified, own: keepSession, now: now() }
        const changed = await act(database, emit, async (tx, tell) => {
          const done = await changeAddress(tx, dialect, change)
          if (done) await reportAddress(tell, userId, done, { actor, exchange })
          return done
        })
        if (changed) return { ok: true }
        const service = await people().where('id', '=', userId).executeTakeFirst()
        return { ok: false, reason: service ? 'service-account' : 'unknown-user' }
      } catch (error) {
        if (error instanceof AddressTaken) return { ok: false, reason: 'address-taken' }
        throw error
      }
    },
  }
}

/** A user's row beside that of the address; both NULL where there is none. */
interface PersonRow extends UserRow {
  readonly address: string | null
  readonly verified_at: number | null
}

function columnsOf({ mailbox }: Draft): Pick<PersonRow, 'address' | 'verified_at'> {
  return { address: mailbox?.address.text ?? null, verified_at: mailbox?.verifiedAt ?? null }
}

function toUser(row: PersonRow): User {
  return {
    id: row.id,
    login: row.login,
    name: row.name,
    roles: splitRoles(row.roles),
    status: row.status,
    kind: row.kind,
    createdAt: row.created_at,
    lastSignInAt: row.last_sign_in_at ?? undefined,
    address: row.address === null ? undefined : { text: row.address, verified: row.verified_at !== null },
  }
}

/** Behind the user of this id in the order of the list; of an unknown id, nobody. */
function comesAfter(id: string): Expression<SqlBool> {
  return sql<SqlBool>`(hf_users.created_at, hf_users.id) > (SELECT created_at, id FROM hf_users WHERE id = ${id})`
}
