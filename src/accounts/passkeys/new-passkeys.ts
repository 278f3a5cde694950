/**
 * How a passkey comes to be, for whoever may make one: somebody who is signed in, and the sign-up, whose user is not there yet. What
 * it gives is checked and not stored; who stores it does so in the transaction of what it belongs to.
 * Source: WebAuthn Level 3, 7.1 "Registering a New Credential".
 */
import type { GivenProof } from '../gate.ts'
import { writePasskey } from '../factors/write.ts'
import { normaliseName } from '../users/normalise.ts'
import type { AccountsTransaction } from '../schema.ts'
import { readRegistration } from './brought-back.ts'
import type { CeremonyName, Challenges } from './challenges.ts'
import type { PasskeyRow } from './find.ts'
import type { Registered, RelyingParty } from './relying-party.ts'
import type { BroughtBack, Ceremony, PasskeyPurpose } from './types.ts'

/** A passkey that was checked. */
export interface PreparedPasskey extends Registered {
  /** What the authenticator knows its user by. */
  readonly handle: string
  readonly purpose: PasskeyPurpose
  readonly transports: readonly string[]
}

interface Checking {
  readonly ceremony: Extract<CeremonyName, 'enrol' | 'sign-up'>
  readonly holder: string
  readonly userId?: string | undefined
  readonly response: BroughtBack
}

/** Somebody who is about to become a user. */
interface Newcomer {
  /** What their browser has to bring along with the answer: the token of the link that they follow. */
  readonly holder: string
  readonly login: string
  readonly name?: string | undefined
}

export interface NewPasskeys {
  /** What the browser of somebody who signs up is asked; `undefined` while passkeys are off. */
  beginFor(newcomer: Newcomer): Promise<Ceremony | undefined>
  /** The one that was made for it, once; nothing for what was not asked, or not of this holder. */
  confirmFor(newcomer: Pick<Newcomer, 'holder'>, response: BroughtBack): Promise<PreparedPasskey | undefined>
  /** The same for somebody who is signed in. */
  check(checking: Checking): Promise<PreparedPasskey | undefined>
  /** Writes the first passkey of a user who is made in this transaction, and says what it proves at the gate. Rejects with a unique violation. */
  insert(tx: AccountsTransaction, userId: string, prepared: PreparedPasskey): Promise<GivenProof>
  rowOf(prepared: PreparedPasskey, userId: string, name: string | undefined): PasskeyRow
  proofOf(prepared: PreparedPasskey, id: string): GivenProof
}

interface Setting {
  readonly challenges: Challenges
  readonly party: RelyingParty | undefined
  readonly random: (bytes: number) => string
  readonly now: () => number
}

const ID_BYTES = 16
const HANDLE_BYTES = 32
const LONGEST_NAME = 80
const NAMES: Readonly<Record<PasskeyPurpose, string>> = { passkey: 'Passkey', 'security-key': 'Security key' }

/** Makes the service. */
export function createNewPasskeys({ challenges, party, random, now }: Setting): NewPasskeys {
  async function check({ ceremony, holder, userId, response }: Checking): Promise<PreparedPasskey | undefined> {
    const registration = readRegistration(response)
    if (party === undefined || registration === undefined) return undefined
    const asked = await challenges.take(registration.challenge, ceremony, holder)
    if (asked?.handle === undefined || asked.userId !== userId) return undefined
    const { handle, purpose = 'passkey' } = asked
    const registered = await party.verifyNew(registration, purpose)
    return registered && { ...registered, handle, purpose, transports: registration.transports }
  }

  function rowOf(prepared: PreparedPasskey, userId: string, name: string | undefined): PasskeyRow {
    const { credentialId, publicKey, counter, transports, aaguid, synced, backedUp, purpose } = prepared
    return {
      id: random(ID_BYTES),
      user_id: userId,
      credential_id: credentialId,
      public_key: publicKey,
      counter,
      transports: transports.join(' '),
      aaguid,
      synced: synced ? 1 : 0,
      backed_up: backedUp ? 1 : 0,
      purpose,
      name: name ?? NAMES[purpose],
      created_at: now(),
      used_at: null,
    }
  }

  function proofOf({ userVerified, counter, backedUp }: PreparedPasskey, id: string): GivenProof {
    const credential = { kind: 'passkey', id, counter, backedUp, enrolled: true } as const
    return { door: 'passkey', amr: userVerified ? 'mfa' : 'hwk', at: now(), credential }
  }

  return {
    check,
    rowOf,
    proofOf,

    async beginFor({ holder, login, name = login }) {
      if (party === undefined) return undefined
      const handle = random(HANDLE_BYTES)
      const challenge = await challenges.issue({ ceremony: 'sign-up', holder, purpose: 'passkey', handle })
      return await party.askToEnrol(challenge, 'passkey', { handle, login, name }, [])
    },

    confirmFor: ({ holder }, response) => check({ ceremony: 'sign-up', holder, response }),

    async insert(tx, userId, prepared) {
      const row = rowOf(prepared, userId, undefined)
      await writePasskey(tx, row, prepared.handle)
      return proofOf(prepared, row.id)
    },
  }
}

/** 1 to 80 characters; nothing at all is no name, and no mistake. */
export function readName(
  text: string | undefined,
): { readonly ok: true; readonly value: string | undefined } | { readonly ok: false } {
  if (text === undefined || text.trim() === '') return { ok: true, value: undefined }
  const name = normaliseName(text)
  return name.ok && name.value.length <= LONGEST_NAME ? name : { ok: false }
}
