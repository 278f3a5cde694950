/** The token of a session: what the cookie holds, and the hash under which alone it is stored (OWASP ASVS 5.0 7.2.3, CVE-2019-16782). */
import { sha256 } from '../../crypto/hash.ts'
import { Secret } from '../../crypto/secret.ts'

/** For the cookie, and for the table. */
export interface SessionToken {
  readonly token: Secret
  readonly hash: string
}

const BYTES = 32
const TOKEN = /^[A-Za-z0-9_-]{43}$/ // 32 bytes as base64url
const HANDLE_LENGTH = 22 // of 43: 132 bits of a hash, from which no token follows

/** A new one, 256 bits. `random` gives base64url text of so many bytes. */
export function newToken(random: (bytes: number) => string): SessionToken {
  const text = random(BYTES)
  return { token: new Secret(text), hash: sha256(text) }
}

/** The hash to look for; `undefined` for what cannot be a token of ours, so that nothing odd reaches the database. */
export function hashOfToken(text: string): string | undefined {
  return TOKEN.test(text) ? sha256(text) : undefined
}

/** The public handle of a session whose first token has this hash. */
export function handleOf(hash: string): string {
  return hash.slice(0, HANDLE_LENGTH)
}
