/** How passkeys are found, and how their owners see them. */
import type { Selectable } from 'kysely'
import type { AccountsDatabase, AccountsSchema, AccountsTransaction, UserRow } from '../schema.ts'
import { leavingOf } from '../profile/leaving.ts'
import type { Descriptor } from './relying-party.ts'
import type { Passkey } from './types.ts'

export type PasskeyRow = Selectable<AccountsSchema['hf_passkeys']>

/** With whose it is. */
export interface FoundPasskey extends PasskeyRow {
  readonly status: UserRow['status']
  readonly leaving: string | null
  readonly handle: string
}

type On = AccountsTransaction | AccountsDatabase['kysely']

/** By the authenticator's own id, in one query whether there is one or not. */
export async function findCredential(on: On, credentialId: string): Promise<FoundPasskey | undefined> {
  return await on
    .selectFrom('hf_passkeys')
    .innerJoin('hf_users', 'hf_users.id', 'hf_passkeys.user_id')
    .innerJoin('hf_passkey_handles', 'hf_passkey_handles.user_id', 'hf_passkeys.user_id')
    .selectAll('hf_passkeys')
    .select(['hf_users.status', leavingOf(), 'hf_passkey_handles.handle'])
    .where('credential_id', '=', credentialId)
    .executeTakeFirst()
}

/** All of a user's, the oldest first. */
export async function passkeysOf(on: On, userId: string): Promise<readonly PasskeyRow[]> {
  return await on
    .selectFrom('hf_passkeys')
    .selectAll()
    .where('user_id', '=', userId)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
}

/** Whether a user has one. */
export async function hasPasskey(on: On, userId: string): Promise<boolean> {
  const row = await on.selectFrom('hf_passkeys').select('id').where('user_id', '=', userId).limit(1).executeTakeFirst()
  return row !== undefined
}

export async function handleOfUser(on: On, userId: string): Promise<string | undefined> {
  const row = await on.selectFrom('hf_passkey_handles').select('handle').where('user_id', '=', userId).executeTakeFirst()
  return row?.handle
}

export function toPasskey({ id, name, purpose, synced, created_at, used_at, credential_id }: PasskeyRow): Passkey {
  return {
    id,
    name,
    purpose,
    synced: synced === 1,
    createdAt: created_at,
    usedAt: used_at ?? undefined,
    credentialId: credential_id,
  }
}

export function toDescriptor({ credential_id, transports }: PasskeyRow): Descriptor {
  return { id: credential_id, transports: transports === '' ? [] : transports.split(' ') }
}
