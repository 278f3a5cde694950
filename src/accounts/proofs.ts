/** What the gate asks of proofs, in the transaction that issues the session: that they still hold, and that they are used up. */
import { spendFactor } from './factors/index.ts'
import type { FactorKind } from './factors/factor.ts'
import { countCodes } from './factors/recovery-codes.ts'
import { fanOut, type Ended } from './fan-out.ts'
import type { GivenProof } from './gate.ts'
import { isLinked } from './identities/rows.ts'
import type { AccountsTransaction } from './schema.ts'
import { hashOfToken } from './session-token.ts'
import type { Proof } from './types.ts'

/** What using up did. */
export interface Used {
  readonly kind: FactorKind | undefined
  /** After a recovery code: how many are left. */
  readonly left: number | undefined
  readonly ended: Ended
}

const NOTHING: Used = { kind: undefined, left: undefined, ended: [] }

/** Whether every password is still the one that was checked, and every identity still this user's. The user is locked before. */
export async function holdPasswords(tx: AccountsTransaction, userId: string, proofs: readonly GivenProof[]): Promise<boolean> {
  for (const { credential } of proofs) {
    if (credential?.kind === 'identity' && !(await isLinked(tx, userId, credential))) return false
    if (credential?.kind !== 'password') continue
    const current = await tx
      .selectFrom('hf_credentials')
      .select('version')
      .where('user_id', '=', userId)
      .where('kind', '=', 'password')
      .executeTakeFirst()
    if (current?.version !== credential.version) return false
  }
  return true
}

/** Uses up the factors among the proofs; `undefined` when one was used before. `own`: the token of the session it is for. */
export async function useFactors(
  tx: AccountsTransaction,
  userId: string,
  proofs: readonly GivenProof[],
  now: number,
  own?: string,
): Promise<Used | undefined> {
  let used = NOTHING
  for (const { credential } of proofs) {
    if (credential === undefined || credential.kind === 'password' || credential.kind === 'identity') continue
    if (!(await spendFactor(tx, userId, credential, now))) return undefined
    used = { ...used, kind: credential.kind }
    if (credential.kind !== 'recovery-codes') continue
    const ended = await fanOut(tx, 'recovery-code-used', userId, { own: await handleOfToken(tx, own), now })
    used = { ...used, left: await countCodes(tx, userId), ended }
  }
  return used
}

/** What a session remembers of a proof: not the credential. */
export function bare({ door, amr, at }: GivenProof): Proof {
  return { door, amr, at }
}

async function handleOfToken(tx: AccountsTransaction, token: string | undefined): Promise<string | undefined> {
  const hash = token === undefined ? undefined : hashOfToken(token)
  if (hash === undefined) return undefined
  return (await tx.selectFrom('hf_sessions').select('id').where('hash', '=', hash).executeTakeFirst())?.id
}
