/** How a user comes to be, for whoever may make one: everything is checked and hashed first, then written in one transaction. */
import { readAddress, setAddress, type MailAddress } from '../addresses/addresses.ts'
import type { About, CredentialGate, Prepared } from '../credentials.ts'
import { normaliseLogin, normaliseName } from '../users/normalise.ts'
import type { Roles } from '../users/roles.ts'
import type { AccountsTransaction, UserRow } from '../schema.ts'
import type { DraftProblem, NewUser } from '../types.ts'

/** A user who may be written. */
export interface Draft {
  readonly row: UserRow
  readonly credential: Prepared | undefined
  readonly mailbox: { readonly address: MailAddress; readonly verifiedAt: number | undefined } | undefined
}

export type Drafted = { readonly ok: true; readonly draft: Draft } | { readonly ok: false; readonly reason: DraftProblem }

/** Two steps, because hashing takes long and a transaction must not. */
export interface Drafts {
  /** Rejects with `HasherBusy`. */
  prepare(user: NewUser, kind?: UserRow['kind']): Promise<Drafted>
  /** Rejects with a unique violation when the login is taken, and with `AddressTaken` when a verified address is. */
  write(tx: AccountsTransaction, draft: Draft): Promise<void>
}

interface Setting {
  readonly credentials: CredentialGate
  readonly roles: Roles
  readonly random: (bytes: number) => string
  readonly now: () => number
}

const ID_BYTES = 16

/** Used by `users.create` and by set-up, so that no way of making a user skips a check. */
export function createDrafts({ credentials, roles, random, now }: Setting): Drafts {
  async function credentialOf({ password, passwordHash }: NewUser, about: About) {
    if (passwordHash !== undefined) return await credentials.adopt(passwordHash)
    return password && (await credentials.prepare(password, about))
  }

  return {
    async prepare(user, kind = 'person') {
      const key = normaliseLogin(user.login)
      if (!key.ok) return { ok: false, reason: 'login-invalid' }
      const login = user.login.normalize('NFC').trim()
      const name = normaliseName(user.name ?? login)
      if (!name.ok) return { ok: false, reason: 'name-invalid' }
      const stored = roles.stored(user.roles ?? [])
      if (stored === undefined) return { ok: false, reason: 'role-unknown' }
      const mailbox = mailboxOf(user, now())
      if (mailbox === 'invalid') return { ok: false, reason: 'address-invalid' }
      const prepared = await credentialOf(user, { login, name: name.value })
      if (prepared?.ok === false) return prepared
      const row: UserRow = {
        id: random(ID_BYTES),
        login,
        login_key: key.value,
        name: name.value,
        roles: stored,
        status: user.disabled === true ? 'disabled' : 'active',
        epoch: 1,
        created_at: now(),
        last_sign_in_at: null,
        kind,
      }
      return { ok: true, draft: { row, credential: prepared?.credential, mailbox } }
    },

    async write(tx, { row, credential, mailbox }) {
      await tx.insertInto('hf_users').values(row).execute()
      if (credential) await credentials.insert(tx, row.id, credential)
      if (mailbox) await setAddress(tx, row.id, mailbox.address, mailbox.verifiedAt)
    },
  }
}

function mailboxOf({ address: typed, addressVerified }: NewUser, at: number): Draft['mailbox'] | 'invalid' {
  if (typed === undefined) return undefined
  const address = readAddress(typed)
  return address ? { address, verifiedAt: addressVerified === true ? at : undefined } : 'invalid'
}
