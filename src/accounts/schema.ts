/** The tables of accounts, as Kysely sees them. Times are milliseconds since 1970. */
import type { Selectable, Transaction } from 'kysely'
import type { Database } from '../store/database.ts'

interface UsersTable {
  id: string
  /** As they wrote it. */
  login: string
  /** The one spelling of it that counts; see `normalise.ts`. Unique. */
  login_key: string
  name: string
  /** Names of roles, sorted, with a space between: one text, so that finding a session needs no second table. */
  roles: string
  status: 'active' | 'disabled'
  /** Goes up whenever tokens issued before should be renewed. */
  epoch: number
  created_at: number
  last_sign_in_at: number | null
  /** A service is for programs: it has API keys, and nobody can sign in as it. */
  kind: 'person' | 'service'
}

interface CredentialsTable {
  user_id: string
  kind: 'password'
  /** What is stored instead of the secret: for a password its hash as a PHC string. */
  value: string
  /** Goes up with each new credential: a sign-in that verified an older one is void. */
  version: number
  updated_at: number
}

interface FactorsTable {
  user_id: string
  kind: 'totp'
  /** Sealed under the key ring, with the user's id and the kind as associated data. */
  value: string
  /** Goes up with each new secret. */
  version: number
  /** The last time step of which a code was accepted: no code of this step or an earlier one counts (RFC 6238 section 5.2). */
  last_step: number
  created_at: number
  used_at: number | null
}

interface RecoveryCodesTable {
  user_id: string
  /** SHA-256 of the code. A used one is deleted. */
  hash: string
}

interface SessionsTable {
  /** SHA-256 of the token, base64url. The token itself is stored nowhere. */
  hash: string
  /** The public handle; the same for all tokens that one session had. */
  id: string
  user_id: string
  created_at: number
  seen_at: number
  expires_at: number
  /** Ended sessions stay for a week, so that their tokens are recognised when they are used again. */
  ended_at: number | null
  ended_by: string | null
  aal: number
  /** `door:amr:at`, with a space between. */
  proofs: string
  address: string
  user_agent: string
  version: number
  /** JSON, or empty. */
  data: string
  /** The user's epoch when the token was issued. */
  epoch: number
}

interface ApiKeysTable {
  /** SHA-256 of the whole key, base64url. The key itself is stored nowhere. */
  hash: string
  /** The public name; it stands in the key. */
  id: string
  user_id: string
  name: string
  /** Permissions, sorted, with a space between. */
  scopes: string
  per_minute: number | null
  created_at: number
  created_by: string
  expires_at: number | null
  last_used_at: number | null
  revoked_at: number | null
  revoked_by: string | null
}

interface AddressesTable {
  user_id: string
  address: string
  /** See `readAddress`. Of the verified ones each is there once. */
  address_key: string
  verified_at: number | null
}

interface LinksTable {
  /** SHA-256 of the token, base64url. */
  hash: string
  purpose: string
  user_id: string | null
  address: string | null
  /** JSON. */
  data: string
  created_at: number
  expires_at: number
}

interface IdentitiesTable {
  issuer: string
  /** The provider's own name for somebody, who is nobody elsewhere: only the pair names one. */
  subject: string
  /** Public handle. */
  id: string
  user_id: string
  /** Id of the provider in the options when it was linked. */
  provider: string
  /** What its owner knows it by. */
  shown: string
  linked_at: number
  used_at: number | null
}

/** Narrows the database to the tables of this part. */
export interface AccountsSchema {
  hf_users: UsersTable
  hf_credentials: CredentialsTable
  hf_sessions: SessionsTable
  hf_api_keys: ApiKeysTable
  hf_factors: FactorsTable
  hf_recovery_codes: RecoveryCodesTable
  hf_addresses: AddressesTable
  hf_links: LinksTable
  hf_identities: IdentitiesTable
}

export type UserRow = Selectable<UsersTable>
export type SessionRow = Selectable<SessionsTable>
export type IdentityRow = Selectable<IdentitiesTable>
export type ApiKeyRow = Selectable<ApiKeysTable>
export type AccountsDatabase = Database<AccountsSchema>
export type AccountsTransaction = Transaction<AccountsSchema>
