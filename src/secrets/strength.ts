/**
 * Secrets that are none: typed in a hurry, copied from documentation, used twice. They are refused at start-up (CWE-521, CWE-1392, CWE-798).
 * Source: OWASP ASVS 5.0 13.3.1; OWASP Secrets Management Cheat Sheet.
 */
import { createHash } from 'node:crypto'
import { reveal, type Secret } from '../crypto/secret.ts'

const FEWEST = 16
const FEWEST_DISTINCT = 8
/** What stands in sample configurations, alone or with a little around it. */
const SPECIMENS =
  /change.?me|pass.?word|\bdefault\b|example|placeholder|insecure|your[-_ ]|secret[-_ ]?key|my[-_ ]?secret|^secret|xxxx|1234|qwert/i

/** Why nobody should rely on the secret, as the end of a sentence ("it …"), or `undefined`. For secrets that programs use, not people. */
export function secretWeakness(secret: string | Secret): string | undefined {
  const text = reveal(secret)
  if (text.length < FEWEST) return `has ${text.length} characters, and ${FEWEST} is the least`
  if (SPECIMENS.test(text) && text.length < 2 * FEWEST) return 'contains a word of sample configurations, so others know it'
  if (new Set(text).size < FEWEST_DISTINCT) return 'repeats a few characters, so it can be guessed'
  return undefined
}

const FEWEST_OF_PASSWORD = 8
/** What images of servers begin with. */
const DEFAULTS = /^(?:admin|administrator|guest|mysql|postgres|redis|root|test|user|foobared|letmein|toor)$/i

/** Why a password by which this program is known to a server is none, as the end of a sentence ("it …"), or `undefined`. */
export function passwordWeakness(password: string, user: string): string | undefined {
  if (password.toLowerCase() === user.toLowerCase()) return 'is the name of the user'
  if (DEFAULTS.test(password) || (SPECIMENS.test(password) && password.length < 2 * FEWEST))
    return 'is one that servers or sample configurations begin with, so others know it'
  return password.length < FEWEST_OF_PASSWORD
    ? `has ${password.length} characters, and ${FEWEST_OF_PASSWORD} is the least`
    : undefined
}

/** The first two names that have the same secret: whoever has the one then has the other. */
export function repeatedSecret(
  secrets: Readonly<Record<string, string | Secret | undefined>>,
): readonly [string, string] | undefined {
  const seen = new Map<string, string>()
  for (const [name, secret] of Object.entries(secrets)) {
    if (secret === undefined) continue
    const digest = createHash('sha256').update(reveal(secret)).digest('hex')
    const other = seen.get(digest)
    if (other !== undefined) return [other, name]
    seen.set(digest, name)
  }
  return undefined
}
