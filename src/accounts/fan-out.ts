/**
 * What happened, and which sessions and API keys end, or get a new token, because of it. The one table; whoever changes a user asks it.
 * Sources: OWASP ASVS 5.0 7.4.2 (disabled), 7.4.3 (credential changed), 7.2.4 (privileges changed); attack A95.
 */
import type { Expression } from 'kysely'
import type { AccountsTransaction } from './schema.ts'

/** `renew`: it lives on, and its token is replaced at the next request. */
type Effect = 'end' | 'renew' | 'keep'

interface Row {
  /** The session in which it was done, when the user did it themselves. */
  readonly own: Effect
  readonly others: Effect
  /** API keys of the user; kept where nothing is said. See `tokens/end-keys.ts`. */
  readonly keys?: 'end'
}

/** The table. `ended-all` is the user or an operator who asks for it. */
export const FAN_OUT = {
  'password-set': { own: 'renew', others: 'end' },
  'roles-changed': { own: 'renew', others: 'renew' },
  'user-disabled': { own: 'end', others: 'end', keys: 'end' },
  'user-enabled': { own: 'keep', others: 'keep' },
  // The enrolling session gets its new token from the gate, with the proof of the factor. The others were of one factor (L08).
  'factor-enrolled': { own: 'keep', others: 'end' },
  'factor-removed': { own: 'renew', others: 'end' },
  // Whoever needs a recovery code has lost something, and perhaps somebody has found it.
  'recovery-code-used': { own: 'keep', others: 'end' },
  'factors-reset': { own: 'end', others: 'end' },
  // A further way in takes none away.
  'identity-linked': { own: 'keep', others: 'keep' },
  // Whoever came in by it may be the reason why it is unlinked.
  'identity-unlinked': { own: 'renew', others: 'end' },
  'ended-all': { own: 'keep', others: 'end' },
} as const satisfies Record<string, Row>

export type Happening = keyof typeof FAN_OUT

/** Public ids of the sessions that ended. */
export type Ended = readonly string[]

interface When {
  /** Public id of the session in which it was done. */
  readonly own?: string | undefined
  readonly now: number
}

/** Does what the table says, in the transaction of the change itself. The user's row is locked before; see `lock.ts`. */
export async function fanOut(tx: AccountsTransaction, happening: Happening, userId: string, { own, now }: When): Promise<Ended> {
  const row: Row = FAN_OUT[happening]
  if (row.own === 'renew' || row.others === 'renew') {
    await tx
      .updateTable('hf_users')
      .set((eb) => ({ epoch: eb('epoch', '+', 1) as Expression<number> }))
      .where('id', '=', userId)
      .execute()
  }
  if (row.others !== 'end') return []
  const spared = row.own === 'end' ? undefined : own
  const ended = await tx
    .updateTable('hf_sessions')
    .set({ ended_at: now, ended_by: happening })
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', now)
    .$if(spared !== undefined, (query) => query.where('id', '<>', spared!))
    .returning('id')
    .execute()
  return ended.map(({ id }) => id)
}
