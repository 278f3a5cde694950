/**
 * The one form in which a password is checked, hashed and verified, so that it does not matter which keyboard typed it.
 * Source: NIST SP 800-63B-4 section 3.1.1.2 (NFKC, each code point counts as one); RFC 8265 uses NFC, of which this is the stricter.
 */

/** The longest password in code points after normalising: more is not safer, and hashing starts with reading it all. */
export const LONGEST_PASSWORD = 256

const LONGEST_TYPED = LONGEST_PASSWORD * 8 // UTF-16 units before NFKC, which may shorten: a bound on its work

export type Normalised =
  | { readonly ok: true; readonly text: string; readonly length: number }
  | { readonly ok: false; readonly reason: 'too-long' | 'control-characters' }

/**
 * The password in NFKC, and its length in code points. Refuses more than 256 code points, and lone surrogates, which cannot be
 * written as UTF-8 (different ones would give the same hash).
 */
export function normalisePassword(password: string): Normalised {
  if (password.length > LONGEST_TYPED) return { ok: false, reason: 'too-long' }
  if (!password.isWellFormed()) return { ok: false, reason: 'control-characters' }
  const text = password.normalize('NFKC')
  let length = 0
  for (const _ of text) length += 1
  return length > LONGEST_PASSWORD ? { ok: false, reason: 'too-long' } : { ok: true, text, length }
}
