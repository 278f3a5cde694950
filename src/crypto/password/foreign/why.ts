/** Why a stored hash cannot be verified, in words for the operator. Never the hash itself. */
import type { PasswordSetting } from '../algorithm.ts'
import { foreignFormats } from './index.ts'

export type Unreadable =
  | 'plain'
  | 'unknown-format'
  | 'needs-bcryptjs'
  | 'needs-flask-security-salt'
  | 'needs-firebase'
  | 'unbounded'

export const UNREADABLE: Readonly<Record<Unreadable, string>> = {
  plain: 'it is the password itself, in plain text. Whoever saw the database knows it.',
  'unknown-format': 'its format is not known.',
  'needs-bcryptjs': 'it needs the package bcryptjs: npm install bcryptjs.',
  'needs-flask-security-salt': 'it needs passwords.imported.flaskSecuritySalt.',
  'needs-firebase': 'it needs passwords.imported.firebase.',
  unbounded: 'it is damaged, asks for more work than is allowed, or was made with a pepper key that is gone.',
}

/** The reason, for a text that `readStored` did not read. */
export function whyUnreadable(stored: string, { imported, bcrypt }: Pick<PasswordSetting, 'imported' | 'bcrypt'>): Unreadable {
  if (/^(?:plain\$|\{noop\})/.test(stored)) return 'plain'
  const known = /^\$(?:argon2id|hf-wrap)\$/.test(stored) || foreignFormats.some((format) => format.claims(stored))
  if (!known) return 'unknown-format'
  if (stored.startsWith('$flask-security$') && imported.flaskSecuritySalt === undefined) return 'needs-flask-security-salt'
  if (stored.startsWith('$firebase-scrypt$') && imported.firebase === undefined) return 'needs-firebase'
  return /(?:^|\$)(?:2[aby]\$|bcrypt)/.test(stored) && !bcrypt ? 'needs-bcryptjs' : 'unbounded'
}
