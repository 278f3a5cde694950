/**
 * The only place that changes the address of a user, or says that it is verified, with what follows from it: links that went to the old
 * one end, and so do the sessions elsewhere. Only what has shown that the user reads its mail, or an operator who answers for it, gives
 * `verified`. Sources: OWASP ASVS 5.0 6.3.7 and 7.4.3; L28, L36, L40.
 */
import type { Tell } from '../../engine/act.ts'
import type { Exchange } from '../../engine/exchange.ts'
import type { Database } from '../../store/database.ts'
import { addressOf, setAddress, type MailAddress } from './addresses.ts'
import { fanOut, type Ended } from '../fan-out.ts'
import { nameOf } from '../ids.ts'
import { lockUser } from '../lock.ts'
import { note } from '../profile/note.ts'
import type { AccountsTransaction } from '../schema.ts'
import type { Actor } from '../types.ts'

/** The next address, and how it was come by. */
export interface AddressChange {
  readonly userId: string
  readonly address: MailAddress
  /** Whether it is shown that the user reads its mail. */
  readonly verified: boolean
  /** Public id of the session in which the user did it; it lives on with a new token. */
  readonly own?: string | undefined
  /** Whether it takes a change back: the one it is taken from hears nothing, and cannot do the same. @default false */
  readonly undoes?: boolean
  readonly now: number
}

/** What came of it. `nothing`: it was this address, as well verified, already. */
export interface AddressChanged {
  readonly change: 'address-changed' | 'address-verified' | 'nothing'
  readonly verified: boolean
  readonly ended: Ended
}

/**
 * Changes it in the transaction of what caused it; `undefined` when there is no such person. Rejects with `AddressTaken` when it is
 * verified and another's. An address that stays the same stays verified, too.
 */
export async function changeAddress(
  tx: AccountsTransaction,
  dialect: Database['dialect'],
  { userId, address, verified, own, undoes = false, now }: AddressChange,
): Promise<AddressChanged | undefined> {
  const user = await lockUser(tx, dialect, userId)
  if (user?.kind !== 'person') return undefined
  const before = await addressOf(tx, userId)
  const same = before?.text === address.text
  if (same && (before.verifiedAt !== undefined || !verified)) {
    return { change: 'nothing', verified: before.verifiedAt !== undefined, ended: [] }
  }
  await setAddress(tx, userId, address, verified ? now : undefined)
  if (same) return { change: 'address-verified', verified, ended: [] }
  // Its owner learns of it where they read it, and can take it back from there.
  if (before?.verifiedAt !== undefined && !undoes) await note(tx, { userId, about: 'address-changed', address: before.text, now })
  return { change: 'address-changed', verified, ended: await fanOut(tx, 'address-changed', userId, { own, now }) }
}

/** Says it, in the transaction. The address itself is told to nobody. */
export async function reportAddress(
  tell: Tell,
  userId: string,
  { change, verified, ended }: AddressChanged,
  { actor, exchange }: { readonly actor: Actor; readonly exchange?: Exchange | undefined },
): Promise<void> {
  const data = { userId, actor: nameOf(actor) }
  if (change !== 'nothing') await tell({ type: 'user_updated', data: { ...data, change, verified } }, exchange)
  if (ended.length > 0) await tell({ type: 'session_ended', data: { ...data, sessions: ended, reason: change } }, exchange)
}
