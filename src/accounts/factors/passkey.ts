/**
 * Passkeys and security keys as a factor: what an authenticator signed, judged and used up. The challenge is good once; the counter
 * goes up with it, so that a copy of an authenticator that does not keep its key to itself is seen (L21).
 * Sources: WebAuthn Level 3, 6.1.1 "Signature Counter Considerations" and 7.2; NIST SP 800-63B-4 sections 3.1.6 and 3.1.7.
 */
import type { Emit } from '../../engine/events.ts'
import { readAssertion } from '../passkeys/brought-back.ts'
import type { CeremonyName, Challenges } from '../passkeys/challenges.ts'
import { findCredential, type FoundPasskey } from '../passkeys/find.ts'
import type { Asserted, RelyingParty } from '../passkeys/relying-party.ts'
import type { BroughtBack } from '../passkeys/types.ts'
import type { AccountsDatabase } from '../schema.ts'
import type { Exchange } from '../../engine/exchange.ts'
import type { ChallengeFactor, FactorCredential } from './factor.ts'

export type PasskeyCredential = Extract<FactorCredential, { kind: 'passkey' }>

export const passkey: ChallengeFactor = {
  kind: 'passkey',

  async spend(tx, userId, credential, now) {
    if (credential.kind !== 'passkey') return false
    const { id, counter, backedUp, enrolled } = credential
    const { numUpdatedRows } = await tx
      .updateTable('hf_passkeys')
      .set((eb) => ({
        used_at: now,
        backed_up: backedUp ? 1 : 0,
        counter: eb.case().when('counter', '<', counter).then(counter).else(eb.ref('counter')).end(),
      }))
      .where('user_id', '=', userId)
      .where('id', '=', id)
      .where((eb) =>
        enrolled === true
          ? eb('used_at', 'is', null)
          : eb.or([eb('counter', '<', counter), eb('counter', '=', 0), eb('synced', '=', 1)]),
      )
      .executeTakeFirst()
    return numUpdatedRows === 1n
  },
}

/** What is asked of an answer. */
export interface Judging {
  readonly ceremony: Extract<CeremonyName, 'sign-in' | 'second-factor'>
  readonly holder: string
  readonly response: BroughtBack
  /** Only one of this user's (L09). At a sign-in nobody has said yet who they are. */
  readonly userId?: string
  readonly exchange?: Exchange | undefined
}

/** Whose it is, and what it proves. `found` without a credential: it was theirs, and was not right. */
export interface Judged {
  readonly found: FoundPasskey | undefined
  readonly credential?: PasskeyCredential
  /** RFC 8176: `mfa` when the authenticator knew its owner, otherwise `hwk`. */
  readonly amr?: 'mfa' | 'hwk'
}

interface Setting {
  readonly database: AccountsDatabase
  readonly challenges: Challenges
  readonly party: RelyingParty | undefined
  readonly emit: Emit
}

/** A public key whose other half nobody has: what is signed for no account of ours is checked against it, like any other. */
const NOBODYS = 'pQECAyYgASFYIKkskLj7e8AI4hUgXCpZRNkVsRqsugf9kTZmky9I7c5AIlggaq7T2y3RYZzRF9rhlNmTsK4_nrJey81TyBqzTu-YhmE'
const NOTHING: Judged = { found: undefined }

/** Takes the challenge, finds the credential, checks the signature: the same work whether there is such a credential or not. */
export async function judge({ database, challenges, party, emit }: Setting, judging: Judging): Promise<Judged> {
  const { ceremony, holder, response, userId, exchange } = judging
  const assertion = readAssertion(response)
  if (party === undefined || assertion === undefined) return NOTHING
  const asked = await challenges.take(assertion.challenge, ceremony, holder)
  if (asked === undefined || asked.userId !== userId) return NOTHING
  const alone = ceremony === 'sign-in'
  const credential = await findCredential(database.kysely, assertion.id)
  const found = userId === undefined || credential?.user_id === userId ? credential : undefined
  const asserted = await party.verify(assertion, found?.public_key ?? NOBODYS, alone)
  if (found === undefined || asserted === undefined) return { found }
  if (!isOf(found, assertion.userHandle, alone) || asserted.synced !== (found.synced === 1)) return { found }
  if (isBehind(found, asserted)) {
    const refused = !asserted.synced
    emit({ type: 'authn_passkey_cloned', data: { userId: found.user_id, passkey: found.id, refused } }, exchange)
    if (refused) return { found }
  }
  const { counter, backedUp, userVerified } = asserted
  return { found, credential: { kind: 'passkey', id: found.id, counter, backedUp }, amr: userVerified ? 'mfa' : 'hwk' }
}

/** A passkey that says for whom it is says it of its owner; one that somebody signs in with alone always says it. */
function isOf({ handle, purpose }: FoundPasskey, userHandle: string | undefined, alone: boolean): boolean {
  if (alone) return purpose === 'passkey' && userHandle === handle
  return userHandle === undefined || userHandle === handle
}

/** Authenticators that count never say a number twice. Those that do not count say 0 for ever. */
function isBehind(found: FoundPasskey, { counter }: Asserted): boolean {
  return (counter > 0 || found.counter > 0) && counter <= found.counter
}
