/** THE LIST of second factors. A new kind is a file of the shape of `factor.ts` and a line below. */
import type { AccountsDatabase, AccountsTransaction } from '../schema.ts'
import type { Proof } from '../types.ts'
import type { ChallengeFactor, Factor, FactorCredential, FactorKind } from './factor.ts'
import { hasPasskey } from '../passkeys/find.ts'
import { email } from './email.ts'
import { passkey } from './passkey.ts'
import { countCodes, recoveryCodes } from './recovery-codes.ts'
import { totp } from './totp.ts'

export type { Factor, FactorCredential, FactorKind, FactorSetting } from './factor.ts'

const factors: readonly (Factor | ChallengeFactor)[] = [
  totp, // six digits of an app
  passkey, // what an authenticator signs
  email, // eight digits in a letter
  recoveryCodes, // the codes on paper; they alone are no factor that a user can have
]

export const factorKinds: readonly FactorKind[] = factors.map(({ kind }) => kind)

/** The kind of which the typed text is a code, with the code in its one spelling. */
export function readCode(typed: string): { readonly factor: Factor; readonly code: string } | undefined {
  for (const factor of factors) {
    if (!('read' in factor)) continue
    const code = factor.read(typed)
    if (code !== undefined) return { factor, code }
  }
  return undefined
}

/**
 * What this user can prove with; empty when they have no second factor, whatever codes there may be. A mailbox counts only for who has
 * nothing better: somebody with an app must not be asked for less.
 */
export async function kindsOf(
  on: AccountsTransaction | AccountsDatabase['kysely'],
  userId: string,
): Promise<readonly FactorKind[]> {
  const rows = await on.selectFrom('hf_factors').select('kind').where('user_id', '=', userId).orderBy('kind').execute()
  const enrolled: FactorKind[] = rows.map(({ kind }) => kind)
  if (await hasPasskey(on, userId)) enrolled.push('passkey')
  if (enrolled.length === 0) return []
  const better = enrolled.filter((kind) => kind !== 'email')
  const kinds = better.length > 0 ? better : enrolled
  return (await countCodes(on, userId)) > 0 ? [...kinds, 'recovery-codes'] : kinds
}

/** Those of them that can be the second step after this first one: a second look into the same mailbox is none. */
export function kindsAfter({ amr }: Pick<Proof, 'amr'>, kinds: readonly FactorKind[]): readonly FactorKind[] {
  return amr === 'email' ? kinds.filter((kind) => kind !== 'email') : kinds
}

/** Uses a credential up; of many at once one gets `true`. Only the gate calls it, in the transaction that issues the session. */
export async function spendFactor(
  tx: AccountsTransaction,
  userId: string,
  credential: FactorCredential,
  now: number,
): Promise<boolean> {
  const factor = factors.find(({ kind }) => kind === credential.kind)
  return factor !== undefined && (await factor.spend(tx, userId, credential, now))
}
