/**
 * The one spelling of a login that counts, made at this one place: `Bob`, `bob ` and `BOB`, composed or decomposed, are one
 * account and one thing to count (attack A39; CVE-2019-19844, CVE-2025-24806: two spellings, two counters or two owners).
 * Sources: Unicode UAX #15 (NFKC), RFC 8265 (PRECIS usernames). Look-alikes of other scripts are not one: Cyrillic `а` is not `a`.
 */

/** The value to store and compare, or a refusal. */
export type Normalised = { readonly ok: true; readonly value: string } | { readonly ok: false }

const LONGEST_LOGIN = 254 // RFC 5321 erratum 1690: the longest address of mail
const LONGEST_NAME = 200
const LONGEST_RAW = 1024
/** Controls, formats (bidi, zero width), surrogates, unassigned; separators; and letters that are drawn as nothing. */
const UNSEEN = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u
const UNSEEN_IN_NAME = /[\p{Cc}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\p{Bidi_Control}]/u
const REFUSED: Normalised = { ok: false }

/** NFKC, trimmed, case folded; at most 254 characters. Refuses spaces and what cannot be seen. */
export function normaliseLogin(text: string): Normalised {
  if (text.length > LONGEST_RAW) return REFUSED
  const value = fold(fold(text.normalize('NFKC').trim()))
  const length = codePoints(value)
  return length === 0 || length > LONGEST_LOGIN || UNSEEN.test(value) ? REFUSED : { ok: true, value }
}

/** A name for people to read: NFC, trimmed, 1 to 200 characters, no control or bidi characters. */
export function normaliseName(text: string): Normalised {
  if (text.length > LONGEST_RAW) return REFUSED
  const value = text.normalize('NFC').trim()
  const length = codePoints(value)
  return length === 0 || length > LONGEST_NAME || UNSEEN_IN_NAME.test(value) ? REFUSED : { ok: true, value }
}

/** Upper then lower case is nearest to Unicode's case folding in what JavaScript has (`ß` = `SS`); final sigma is sigma. */
function fold(text: string): string {
  return text.toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFKC')
}

function codePoints(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}
