/** The tables of keys and tokens, as Kysely sees them. Times are milliseconds since 1970. */
import type { SigningAlgorithm } from '../../crypto/signing-key.ts'

export interface ApiKeysTable {
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
  /** The tenant it acts in, and in no other; NULL: it acts in none. */
  tenant_id: string | null
}

export interface RefreshTable {
  /** Of the family, public: `sid` of its access tokens. */
  id: string
  user_id: string
  /** What the app calls itself. */
  client: string
  audience: string
  /** Permissions, sorted, with a space between. */
  scopes: string
  /** As of a session. */
  proofs: string
  aal: number
  created_at: number
  /** When it last got a new access token. */
  seen_at: number
  expires_at: number
  ended_at: number | null
  ended_by: string | null
  address: string
  user_agent: string
  /** How many refresh tokens there were. */
  generation: number
  /** SHA-256 of the newest refresh token, base64url. The token itself is stored nowhere. */
  hash: string
  /** Of the one before; empty until there is one. */
  previous_hash: string
  /** From which, and from the one before, the newest follows. */
  salt: string
  rotated_at: number
  /** As of an API key. */
  tenant_id: string | null
}

export interface SigningKeysTable {
  /** Counts up: of two processes that make the next key one does. */
  number: number
  /** Thumbprint of the public half. */
  id: string
  algorithm: SigningAlgorithm
  /** The private half, sealed under the key ring, with id and algorithm as associated data. */
  value: string
  created_at: number
  /** From when it signs. */
  active_at: number
}
