/**
 * Which identities of other providers are whose: linked by somebody who is signed in here and has just proved to be that person there,
 * and by nothing else. An equal address links nothing (L41, L42, L103; GHSA-g38m-r43w-p2q7, CVE-2024-21632).
 * Sources: OpenID Connect Core 1.0 section 5.7; OWASP ASVS 5.0 6.8.1; OWASP Authentication Cheat Sheet.
 */
import { act } from '../../engine/act.ts'
import type { Emit } from '../../engine/events.ts'
import { fanOut } from '../fan-out.ts'
import { nameOf, readId } from '../ids.ts'
import { lockUser } from '../lock.ts'
import type { AccountsDatabase } from '../schema.ts'
import { findIdentity, insertIdentity, isIdentity, noteUse, toIdentity, unlessTaken } from './rows.ts'
import { hasOtherWay } from '../ways-in.ts'
import type { Identities, Linked } from './types.ts'

interface Setting {
  readonly database: AccountsDatabase
  readonly random: (bytes: number) => string
  readonly emit: Emit
  readonly now: () => number
}

const ID_BYTES = 16

/** Makes the service. */
export function createIdentities({ database, random, emit, now }: Setting): Identities {
  const { kysely, dialect } = database

  return {
    async of(userId) {
      const rows = await kysely
        .selectFrom('hf_identities')
        .selectAll()
        .where('user_id', '=', readId(userId))
        .orderBy('linked_at')
        .orderBy('id')
        .execute()
      return rows.map(toIdentity)
    },

    async link(userId, identity, actor, x) {
      const id = readId(userId)
      if (!isIdentity(identity)) throw new RangeError('An identity has an issuer and a subject.')
      const linking = database.transaction(async (tx): Promise<(Linked & { readonly made?: boolean }) | undefined> => {
        const user = await lockUser(tx, dialect, id)
        if (user?.kind !== 'person') return { ok: false, reason: 'unknown-user' }
        const found = await findIdentity(tx, identity)
        if (found && found.user_id !== id) return { ok: false, reason: 'taken' }
        if (found) {
          await noteUse(tx, identity, now())
          return { ok: true, identity: toIdentity(found) }
        }
        const row = await insertIdentity(tx, { userId: id, id: random(ID_BYTES), now: now() }, identity)
        await fanOut(tx, 'identity-linked', id, { now: now() })
        return { ok: true, identity: toIdentity(row), made: true }
      })
      // Two who link the same identity at the same moment lock different users: the key of the table knows one winner.
      const outcome = (await unlessTaken(linking)) ?? ({ ok: false, reason: 'taken' } as const)
      const data = { userId: id, provider: identity.provider, actor: nameOf(actor) }
      if (!outcome.ok) {
        if (outcome.reason === 'taken') emit({ type: 'authn_provider_fail', data: { ...data, reason: 'identity-taken' } }, x)
        return outcome
      }
      if (outcome.made === true) emit({ type: 'authn_identity_linked', data: { ...data, identity: outcome.identity.id } }, x)
      return { ok: true, identity: outcome.identity }
    },

    async unlink(user, identity, actor, { keepSession, exchange } = {}) {
      const [userId, id] = [readId(user), readId(identity)]
      const problem = await act(database, emit, async (tx, tell) => {
        if (!(await lockUser(tx, dialect, userId))) return 'unknown'
        const mine = tx.selectFrom('hf_identities').selectAll().where('user_id', '=', userId).where('id', '=', id)
        const row = await mine.executeTakeFirst()
        if (row === undefined) return 'unknown'
        if (!(await hasOtherWay(tx, userId, id))) return 'last-way-in'
        await tx.deleteFrom('hf_identities').where('user_id', '=', userId).where('id', '=', id).execute()
        const ended = await fanOut(tx, 'identity-unlinked', userId, { own: keepSession, now: now() })
        const data = { userId, actor: nameOf(actor) }
        await tell({ type: 'authn_identity_unlinked', data: { ...data, provider: row.provider, identity: id } }, exchange)
        if (ended.length > 0)
          await tell({ type: 'session_ended', data: { ...data, sessions: ended, reason: 'identity-unlinked' } }, exchange)
        return undefined
      })
      return problem === undefined ? { ok: true } : { ok: false, reason: problem }
    },
  }
}
