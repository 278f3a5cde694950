/** What the gate asks of proofs, in the transaction that issues the session: that they still hold, and that they are used up. */
import { addressOf } from './addresses/addresses.ts'
import { spendFactor } from './factors/index.ts'
import type { FactorCredential, FactorKind } from './factors/factor.ts'
import { countCodes } from './factors/recovery-codes.ts'
import { fanOut, type Ended } from './fan-out.ts'
import type { GivenProof } from './gate.ts'
import { isLinked } from './identities/rows.ts'
import type { AccountsTransaction } from './schema.ts'
import { hashOfToken } from './sessions/token.ts'
import type { Proof } from './types.ts'

/** What using up did. */
export interface Used {
  readonly kind: FactorKind | undefined
  /** After a recovery code: how many are left. */
  readonly left: number | undefined
  readonly ended: Ended
}

const NOTHING: Used = { kind: undefined, left: undefined, ended: [] }

/** Whether every password is still the one that was checked, and every mailbox and identity still the user's. The user is locked before. */
export async function holdProofs(tx: AccountsTransaction, userId: string, proofs: readonly GivenProof[]): Promise<boolean> {
  for (const { credential } of proofs) {
    if (credential?.kind === 'password' && !(await holdsPassword(tx, userId, credential.version))) return false
    if (credential?.kind === 'mailbox' && !(await holdsMailbox(tx, userId, credential.address))) return false
    if (credential?.kind === 'identity' && !(await isLinked(tx, userId, credential))) return false
  }
  return true
}

async function holdsPassword(tx: AccountsTransaction, userId: string, version: number): Promise<boolean> {
  const current = await tx
    .selectFrom('hf_credentials')
    .select('version')
    .where('user_id', '=', userId)
    .where('kind', '=', 'password')
    .executeTakeFirst()
  return current?.version === version
}

async function holdsMailbox(tx: AccountsTransaction, userId: string, address: string): Promise<boolean> {
  const current = await addressOf(tx, userId)
  return current?.verifiedAt !== undefined && current.text === address
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
    if (!isFactor(credential)) continue
    if (!(await spendFactor(tx, userId, credential, now))) return undefined
    used = { ...used, kind: credential.kind }
    if (credential.kind !== 'recovery-codes') {
      await fanOut(tx, 'factor-used', userId, { now })
      continue
    }
    const ended = await fanOut(tx, 'recovery-code-used', userId, { own: await handleOfToken(tx, own), now })
    used = { ...used, left: await countCodes(tx, userId), ended }
  }
  return used
}

/** The others are held, or used up where they are looked at. */
function isFactor(credential: GivenProof['credential']): credential is FactorCredential {
  if (credential === undefined) return false
  const { kind } = credential
  return kind !== 'password' && kind !== 'mailbox' && kind !== 'identity' && kind !== 'remember'
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
