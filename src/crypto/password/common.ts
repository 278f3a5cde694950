/**
 * Whether a password is one of the commonest, without asking anybody: a filter of 49 000 in the package, from a list under the MIT licence
 * (`scripts/common-passwords.ts` makes it). Case, letters written as digits, what is put before or behind (`Sunshine2024!`), and two in a row
 * make no difference. Source: NIST SP 800-63B-4 section 3.1.1.2, OWASP ASVS 5.0 6.2.4.
 */
import { FINGERPRINTS, SEED } from './common-passwords.ts'
import { unleet } from './patterns.ts'
import { mayContain, type XorFilter } from './xor-filter.ts'

/** Texts of fewer characters are not in the list. */
export const SHORTEST_COMMON = 4
const MOST_DECORATION = 5
const LONGEST_PAIR = 40
const SEPARATOR = /[^\p{L}\p{N}]/u

const bytes = Buffer.from(FINGERPRINTS, 'base64')
const filter: XorFilter = {
  seed: SEED,
  fingerprints: new Uint16Array(bytes.length / 2).map((_, at) => bytes.readUInt16LE(at * 2)),
}

/**
 * Whether the text is in the list, or comes from it in a way that guessers try first. Of random texts fewer than one in 10 000 are taken for
 * one: four are looked up, with one error in 65 536 each.
 */
export function isCommonPassword(text: string): boolean {
  const lower = text.toLowerCase()
  const forms = new Set([lower, undecorated(lower)])
  for (const form of [...forms]) forms.add(unleet(form))
  for (const form of forms) if (isListed(form) || isPair(form)) return true
  return false
}

function isListed(text: string): boolean {
  return text.length >= SHORTEST_COMMON && mayContain(filter, text)
}

/** Without digits and signs before and behind, if there are few: `!sunshine2024` is `sunshine`, and twelve random digits are a password. */
function undecorated(text: string): string {
  let [from, to] = [0, text.length]
  while (from < to && !isLetter(text[from]!)) from += 1
  while (to > from && !isLetter(text[to - 1]!)) to -= 1
  return from + (text.length - to) <= MOST_DECORATION ? text.slice(from, to) : text
}

function isLetter(character: string): boolean {
  return character.toUpperCase() !== character.toLowerCase()
}

/** Two listed ones in a row, with or without a sign between. */
function isPair(text: string): boolean {
  if (text.length > LONGEST_PAIR) return false
  for (let at = SHORTEST_COMMON; at + SHORTEST_COMMON <= text.length; at++) {
    if (!isListed(text.slice(0, at))) continue
    if (isListed(text.slice(at)) || (SEPARATOR.test(text[at]!) && isListed(text.slice(at + 1)))) return true
  }
  return false
}
