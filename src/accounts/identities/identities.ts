/**
 * Which identities of other providers are whose: linked by somebody who is signed in here and has just proved to be that person there,
 * and by nothing else. An equal address links nothing (L41, L42, L103; GHSA-g38m-r43w-p2q7, CVE-2024-21632).
 * Sources: OpenID Connect Core 1.0 section 5.7; OWASP ASVS 5.0 6.8.1; OWASP Authentication Cheat Sheet.
 */
import type { Emit } from '../../engine/events.ts'
import { addressOf } from '../addresses.ts'
import { fanOut } from '../fan-out.ts'
import { nameOf, readId } from '../ids.ts'
import { lockUser } from '../lock.ts'
import type { Post } from '../post.ts'
import type { AccountsDatabase } from '../schema.ts'
import { findIdentity, insertIdentity, isIdentity, noteUse, toIdentity, unlessTaken } from './rows.ts'
import { hasOtherWay } from '../ways-in.ts'
import type { Identities, Linked } from './types.ts'

interface Setting {
  readonly database: AccountsDatabase
  readonly post: Pick<Post, 'write'>
  readonly random: (bytes: number) => string
  readonly emit: Emit
  readonly now: () => number
}

const ID_BYTES = 16

/** Makes the service. */
export function createIdentities({ database, post, random, emit, now }: Setting): Identities {
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
        const address = await addressOf(tx, id)
        if (address?.verifiedAt !== undefined)
          await post.write(tx, 'identity-linked', address.text, { provider: identity.provider })
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
      const outcome = await database.transaction(async (tx) => {
        if (!(await lockUser(tx, dialect, userId))) return 'unknown' as const
        const mine = tx.selectFrom('hf_identities').selectAll().where('user_id', '=', userId).where('id', '=', id)
        const row = await mine.executeTakeFirst()
        if (row === undefined) return 'unknown' as const
        if (!(await hasOtherWay(tx, userId, id))) return 'last-way-in' as const
        await tx.deleteFrom('hf_identities').where('user_id', '=', userId).where('id', '=', id).execute()
        return { row, ended: await fanOut(tx, 'identity-unlinked', userId, { own: keepSession, now: now() }) }
      })
      if (typeof outcome === 'string') return { ok: false, reason: outcome }
      const data = { userId, actor: nameOf(actor) }
      emit({ type: 'authn_identity_unlinked', data: { ...data, provider: outcome.row.provider, identity: id } }, exchange)
      if (outcome.ended.length > 0)
        emit({ type: 'session_ended', data: { ...data, sessions: outcome.ended, reason: 'identity-unlinked' } }, exchange)
      return { ok: true }
    },
  }
}
