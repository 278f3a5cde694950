/**
 * The sealed account: a credential that is made once, printed for an envelope, kept as a hash, good for one use. Its user is a service, so that no
 * password, factor, provider or letter ever leads to it. Sources: NIST SP 800-53 AC-2(2), CP-2; OWASP ASVS 5.0 6.4.5; reference N16.
 */
import { sha256 } from '../../crypto/hash.ts'
import { randomCode } from '../../crypto/random.ts'
import { Secret } from '../../crypto/secret.ts'
import { act } from '../../engine/act.ts'
import type { Emit } from '../../engine/events.ts'
import type { Finding } from '../../engine/finding.ts'
import { nameOf, readId } from '../ids.ts'
import type { Roles } from '../users/roles.ts'
import type { AccountsDatabase } from '../schema.ts'
import type { Users } from '../types.ts'
import { PART_LENGTH, sealOf } from './seals.ts'
import type { BreakGlass, Seal, Sealed } from './types.ts'

interface Setting {
  readonly database: AccountsDatabase
  readonly users: Pick<Users, 'byLogin' | 'createService'>
  readonly roles: Roles
  readonly random: (bytes: number) => string
  readonly emit: Emit
  readonly now: () => number
}

const LOGIN = 'break-glass'
const YEAR = 365 * 86_400_000
const MOST = 5

/** Makes the service. */
export function createBreakGlass({ database, users, roles, random, emit, now }: Setting): BreakGlass {
  const { kysely } = database

  /** The user behind it; a user of that name that somebody made for something else is not taken over. */
  async function account(role: string, ...by: [Parameters<Users['createService']>[1], Parameters<Users['createService']>[2]]) {
    const known = await users.byLogin(LOGIN)
    if (known) {
      const ours = await kysely.selectFrom('hf_seals').select('id').where('user_id', '=', known.id).executeTakeFirst()
      return ours && known.kind === 'service'
        ? { ok: true as const, user: known }
        : ({ ok: false, reason: 'login-taken' } as const)
    }
    return await users.createService({ login: LOGIN, name: 'Break-glass', roles: [role] }, ...by)
  }

  async function rows() {
    return await kysely.selectFrom('hf_seals').selectAll().orderBy('created_at').orderBy('id').execute()
  }

  return {
    login: LOGIN,

    async create({ parts: count, role = roles.administrators[0]! }, actor, options = {}): Promise<Sealed> {
      if ((await rows()).filter((row) => row.used_at === null).length >= MOST) return { ok: false, reason: 'too-many' }
      const made = await account(role, actor, options)
      if (!made.ok) {
        const { reason } = made
        if (reason === 'role-unknown' || reason === 'approval-required') return { ok: false, reason }
        return { ok: false, reason: 'login-taken' }
      }
      const parts = Array.from({ length: count }, () => randomCode(undefined, PART_LENGTH))
      const row = { id: `seal_${random(16)}`, user_id: made.user.id, created_at: now(), tested_at: null, used_at: null }
      const hashes = { part_a: sha256(parts[0]!), part_b: parts[1] === undefined ? '' : sha256(parts[1]) }
      await act(database, emit, async (tx, tell) => {
        await tx
          .insertInto('hf_seals')
          .values({ ...row, ...hashes })
          .execute()
        await tell({ type: 'authn_break_glass_sealed', data: { seal: row.id, parts: count, actor: nameOf(actor) } })
      })
      return { ok: true, seal: toSeal({ ...row, ...hashes }), login: LOGIN, parts: parts.map((part) => new Secret(part)) }
    },

    list: async () => (await rows()).map(toSeal),

    async test(parts, actor) {
      const row = await sealOf(kysely, parts)
      const data = { seal: row?.id, right: row !== undefined, actor: nameOf(actor) }
      return await act(database, emit, async (tx, tell) => {
        await tell({ type: 'authn_break_glass_tested', data })
        if (row) await tx.updateTable('hf_seals').set({ tested_at: now() }).where('id', '=', row.id).execute()
        return row !== undefined
      })
    },

    async revoke(id, actor) {
      return await act(database, emit, async (tx, tell) => {
        const { numDeletedRows } = await tx
          .deleteFrom('hf_seals')
          .where('id', '=', readId(id))
          .where('used_at', 'is', null)
          .executeTakeFirst()
        if (numDeletedRows === 0n) return false
        await tell({ type: 'authn_break_glass_revoked', data: { seal: readId(id), actor: nameOf(actor) } })
        return true
      })
    },

    async findings(wanted) {
      const all = (await rows()).map(toSeal)
      const sealed = all.filter(({ usedAt }) => usedAt === undefined)
      if (sealed.length === 0) return wanted || all.length > 0 ? [NONE] : []
      const untested = sealed.filter(({ testedAt }) => testedAt === undefined)
      const old = sealed.filter(({ testedAt = now(), createdAt }) => now() - Math.max(testedAt, createdAt) > YEAR)
      return [...untested.map(neverTested), ...old.map(testedLongAgo)]
    },
  }
}

const NONE: Finding = {
  id: 'HF-BREAK-GLASS-1',
  severity: 'medium',
  what: 'There is no sealed credential of the break-glass account: none was made, or all were used.',
  fix: 'Run "holdfast break-glass create", print what it shows, and put it into an envelope.',
}

function neverTested({ id }: Seal): Finding {
  return {
    id: 'HF-BREAK-GLASS-2',
    severity: 'low',
    what: `The sealed credential ${id} was never tried.`,
    fix: 'Run "holdfast break-glass test" with what is in the envelope: it proves it, and opens nothing.',
  }
}

function testedLongAgo({ id }: Seal): Finding {
  return {
    id: 'HF-BREAK-GLASS-3',
    severity: 'low',
    what: `The sealed credential ${id} was last tried more than a year ago.`,
    fix: 'Run "holdfast break-glass test", or make another one and revoke this one.',
  }
}

interface Row {
  readonly id: string
  readonly part_b: string
  readonly created_at: number
  readonly tested_at: number | null
  readonly used_at: number | null
}

function toSeal({ id, part_b, created_at, tested_at, used_at }: Row): Seal {
  const when = { createdAt: created_at, testedAt: tested_at ?? undefined, usedAt: used_at ?? undefined }
  return { id, parts: part_b === '' ? 1 : 2, ...when }
}
