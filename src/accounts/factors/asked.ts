/** Whose second factor is asked for, and what of it can be their next step. Source: OWASP Multifactor Authentication Cheat Sheet. */
import type { Pendings } from '../pending.ts'
import type { AccountsDatabase } from '../schema.ts'
import type { Proof, Sessions } from '../types.ts'
import type { FactorAsked } from './types.ts'
import { kindsAfter, kindsOf, type FactorKind } from './index.ts'

interface Setting {
  readonly database: AccountsDatabase
  readonly sessions: Pick<Sessions, 'find'>
  readonly pendings: Pick<Pendings, 'read'>
  readonly now: () => number
}

export interface Asked {
  readonly userId: string
  /** The token of the sign-in that waits, or the id of the session: an answer is good for it alone. */
  readonly holder: string
  /** What was proved before. */
  readonly proofs: readonly Proof[]
}

/** Who waits under this token, or is signed in by it. */
export async function whoIsAsked({ sessions, pendings, now }: Setting, asked: FactorAsked): Promise<Asked | undefined> {
  if ('token' in asked) {
    const live = await sessions.find(asked.token, now())
    return live.ok ? { userId: live.session.userId, holder: live.session.id, proofs: live.session.proofs } : undefined
  }
  const waiting = await pendings.read(asked.pending)
  return waiting && { userId: waiting.userId, holder: asked.pending, proofs: [waiting.proof] }
}

/** The kinds that can be the next step of theirs; who is signed in may prove by any of them again. */
export async function kindsAsked({ database }: Setting, asked: FactorAsked, who: Asked): Promise<readonly FactorKind[]> {
  const kinds = await kindsOf(database.kysely, who.userId)
  return 'pending' in asked ? kindsAfter(who.proofs[0]!, kinds) : kinds
}
