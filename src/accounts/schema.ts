/** The tables of accounts, as Kysely sees them. Times are milliseconds since 1970. */
import type { Selectable, Transaction } from 'kysely'
import type { ApiKeysTable, RefreshTable, SigningKeysTable } from './tokens/schema.ts'
import type { Database } from '../store/database.ts'
import type { IdentitiesTable, ProviderSessionsTable } from './identities/table.ts'
import type { ApprovalsSchema } from './approvals/schema.ts'
import type { BreakGlassSchema } from './break-glass/schema.ts'
import type { ProfileSchema } from './profile/tables.ts'
import type { MembershipsTable, TenantsTable } from './tenants/schema.ts'

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
  /** When the row was written last: also for the same password under other parameters. */
  updated_at: number
  /** When the password was chosen. */
  set_at: number
  /** 1: too short to be the only factor; it was chosen beside a second one. */
  short: number
}

interface PasswordHistoryTable {
  user_id: string
  /** The version that it was. */
  version: number
  value: string
}

interface RecoveriesTable {
  user_id: string
  asked_at: number
  /** When the second factor may be removed. */
  due_at: number
  /** When the next letter is written. */
  next_letter_at: number
  /** The verified address at the time; with another one it is over. */
  address_key: string
  /** 1: the link that removes the second factor was sent. */
  ready: number
}

interface FactorsTable {
  user_id: string
  kind: 'totp' | 'email'
  /** Sealed under the key ring, with the user's id and the kind as associated data. Of a mailbox: a word, because its codes lie elsewhere. */
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
  /** Id of the browser that remembers, from which it was opened or in which it was begun. */
  browser_id: string | null
  /** Public key of the device to which it is bound, as JSON with its algorithm. */
  device_key: string | null
  bound_at: number | null
  /** The tenant in which it acts; it counts as long as the user belongs to it. */
  tenant_id: string | null
  /** As whom it acts, and since when; NULL: as its own user. */
  as_user_id: string | null
  as_since: number | null
  as_reason: string | null
}

interface BrowsersTable {
  /** The public handle. */
  id: string
  kind: 'remember' | 'trust'
  user_id: string
  /** The user's credentials when it was begun; see `stampOf`. */
  stamp: string
  /** Goes up with each new token. */
  generation: number
  rotated_at: number
  created_at: number
  used_at: number
  expires_at: number
  address: string
  user_agent: string
}

interface BrowserTokensTable {
  /** SHA-256 of the token, base64url. */
  hash: string
  browser_id: string
  generation: number
}

interface PasskeyHandlesTable {
  user_id: string
  /** Random, base64url: what authenticators know the user by. */
  handle: string
}

interface PasskeysTable {
  /** Ours. */
  id: string
  user_id: string
  /** The authenticator's own, base64url. It is public, and unique over all users. */
  credential_id: string
  /** COSE, base64url. */
  public_key: string
  /** The highest that was seen; 0 of authenticators that do not count. */
  counter: number
  /** Those of WebAuthn, with a space between. */
  transports: string
  /** What kind of authenticator it says it is. */
  aaguid: string
  /** 1: its maker may copy it to other devices (`BE`). It stays so for the credential's life. */
  synced: number
  /** 1: it has been copied (`BS`). */
  backed_up: number
  purpose: 'passkey' | 'security-key'
  name: string
  created_at: number
  used_at: number | null
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

interface MailCodesTable {
  /** A hash of what the browser holds. */
  challenge: string
  purpose: string
  /** NULL: nobody's. */
  user_id: string | null
  address: string | null
  /** HMAC of the code. */
  code: string
  tries: number
  expires_at: number
}

/** Narrows the database to the tables of this part. */
export interface AccountsSchema extends ProfileSchema, ApprovalsSchema, BreakGlassSchema {
  hf_users: UsersTable
  hf_credentials: CredentialsTable
  hf_sessions: SessionsTable
  hf_api_keys: ApiKeysTable
  hf_factors: FactorsTable
  hf_recovery_codes: RecoveryCodesTable
  hf_passkey_handles: PasskeyHandlesTable
  hf_passkeys: PasskeysTable
  hf_refresh: RefreshTable
  hf_signing_keys: SigningKeysTable
  hf_addresses: AddressesTable
  hf_links: LinksTable
  hf_password_history: PasswordHistoryTable
  hf_recoveries: RecoveriesTable
  hf_mail_codes: MailCodesTable
  hf_browsers: BrowsersTable
  hf_browser_tokens: BrowserTokensTable
  hf_identities: IdentitiesTable
  hf_provider_sessions: ProviderSessionsTable
  hf_tenants: TenantsTable
  hf_memberships: MembershipsTable
}

export type UserRow = Selectable<UsersTable>
export type SessionRow = Selectable<SessionsTable>
export type BrowserRow = Selectable<BrowsersTable>
export type IdentityRow = Selectable<IdentitiesTable>
export type ApiKeyRow = Selectable<ApiKeysTable>
export type RefreshRow = Selectable<RefreshTable>
export type SigningKeyRow = Selectable<SigningKeysTable>
export type AccountsDatabase = Database<AccountsSchema>
export type AccountsTransaction = Transaction<AccountsSchema>
