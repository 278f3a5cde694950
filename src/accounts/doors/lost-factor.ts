/**
 * The way for who has lost the second factor and the recovery codes. It begins at a sign-in that waits for the factor, so its asker has
 * proved the password or the mailbox; what follows is in `recovery/delayed.ts`. It ends with the factor gone and no session: the first
 * step is asked for again, and is worth level 1 until there is a new factor.
 * Sources: OWASP Multifactor Authentication Cheat Sheet ("Resetting MFA"); NIST SP 800-63B-4 section 4.2.
 */
import type { Exchange } from '../../engine/exchange.ts'
import { act, type Tell } from '../../engine/act.ts'
import type { Rate } from '../../store/atomic.ts'
import { addressOf } from '../addresses/addresses.ts'
import { kindsOf } from '../factors/index.ts'
import { removeAll } from '../factors/write.ts'
import { fanOut } from '../fan-out.ts'
import { lockUser } from '../lock.ts'
import { holdProofs } from '../proofs.ts'
import { dropRecovery, reportCancelled, writeNotice } from '../recovery/delayed.ts'
import type { LostFactorDoor } from '../recovery/types.ts'
import type { AccountsTransaction, UserRow } from '../schema.ts'
import type { DoorSetting } from './password.ts'

/** Who asks again and again after each cancelling wears the owner out. */
const ASKING: Rate = { limit: 3, period: 7 * 86_400_000 }
const EXPIRED = { ok: false, reason: 'expired' } as const

/** Opens the door. */
export function lostFactorDoor(setting: DoorSetting): LostFactorDoor {
  const { database, once, links, post, pendings, gate, emit, now } = setting

  /** The one that runs, or a new one. The user is locked: of many at once one begins. */
  async function begin(tx: AccountsTransaction, user: UserRow, delay: number): Promise<Begun> {
    const running = await tx.selectFrom('hf_recoveries').select('due_at').where('user_id', '=', user.id).executeTakeFirst()
    if (running) return { dueAt: running.due_at, new: false }
    const address = await addressOf(tx, user.id)
    if (!post.sends || address?.verifiedAt === undefined) return 'no-address'
    const at = now()
    const dueAt = at + delay
    const next = Math.min(at + 86_400_000, dueAt)
    const row = { user_id: user.id, asked_at: at, due_at: dueAt, next_letter_at: next, address_key: address.key, ready: 0 }
    await tx.insertInto('hf_recoveries').values(row).execute()
    await writeNotice(setting, tx, address, dueAt)
    return { dueAt, new: true }
  }

  /** Uses the link up, and does `work` where it is still bound to this user's address. */
  async function withLink<T>(
    purpose: 'cancel-recovery' | 'remove-factors',
    token: string,
    work: (tx: AccountsTransaction, user: UserRow, tell: Tell) => Promise<T>,
  ): Promise<{ readonly userId: string; readonly done: T } | undefined> {
    const userId = (await links.read(purpose, token))?.userId
    if (userId === undefined) return undefined
    return await act(database, emit, async (tx, tell) => {
      const user = await lockUser(tx, database.dialect, userId)
      const link = await links.consume(tx, purpose, token)
      const address = await addressOf(tx, userId)
      if (!user || !link || address?.verifiedAt === undefined || address.key !== link.address) return undefined
      return { userId, done: await work(tx, user, tell) }
    })
  }

  /** Removes the factors, when it is time and the recovery still runs. */
  async function end(
    tx: AccountsTransaction,
    { user, tell, x }: { readonly user: UserRow; readonly tell: Tell; readonly x: Exchange | undefined },
  ) {
    const row = await tx
      .deleteFrom('hf_recoveries')
      .where('user_id', '=', user.id)
      .where('ready', '=', 1)
      .where('due_at', '<=', now())
      .returning('user_id')
      .executeTakeFirst()
    const kinds = await kindsOf(tx, user.id)
    if (!row || !gate.admits(user.status) || !(await removeAll(tx, user.id))) return false
    const ended = await fanOut(tx, 'factors-reset', user.id, { now: now() })
    const data = { userId: user.id, kinds, reason: 'delayed-recovery' }
    await tell({ type: 'authn_factor_removed', level: 'critical', data }, x)
    if (ended.length > 0)
      await tell({ type: 'session_ended', data: { userId: user.id, sessions: ended, reason: 'factors-reset' } }, x)
    return true
  }

  return {
    async ask({ pending, delay }, from) {
      const waiting = await pendings.read(pending)
      if (!waiting) return EXPIRED
      const { userId, proof } = waiting
      const { allowed, retryAfter } = await once.take(`accounts:ask:lost-factor:${userId}`, ASKING, now())
      if (!allowed) return { ok: false, reason: 'throttled', retryAfter: Math.ceil(retryAfter / 1000) }
      const begun = await database.transaction(async (tx): Promise<Begun | undefined> => {
        const user = await lockUser(tx, database.dialect, userId)
        if (!user || !gate.admits(user.status) || !(await holdProofs(tx, userId, [proof]))) return undefined
        return (await kindsOf(tx, userId)).length === 0 ? undefined : await begin(tx, user, delay)
      })
      if (begun === undefined) return EXPIRED
      if (begun === 'no-address') return { ok: false, reason: begun }
      const due = new Date(begun.dueAt).toISOString()
      if (begun.new) emit({ type: 'authn_recovery_delayed', data: { userId, door: proof.door, due } }, from.exchange)
      return { ok: true, dueAt: begun.dueAt }
    },

    read: async (purpose, token) => (await links.read(purpose, token)) !== undefined,

    async cancel({ token }, from) {
      const used = await withLink('cancel-recovery', token, (tx, { id }) => dropRecovery(links, tx, id))
      if (used?.done !== true) return false
      reportCancelled(emit, { userId: used.userId, by: 'link' }, from.exchange)
      return true
    },

    async remove({ token }, from) {
      const used = await withLink('remove-factors', token, (tx, user, tell) => end(tx, { user, tell, x: from.exchange }))
      return used?.done === true
    },
  }
}

type Begun = { readonly dueAt: number; readonly new: boolean } | 'no-address'
