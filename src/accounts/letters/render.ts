/**
 * Makes the letter that is read out of what was put down. Facts are texts of strangers as often as ours (the name of who invites), and
 * a letter with our name on it is believed: HTML is escaped, no fact makes a line or a link of its own, and links lead to the
 * configured origin alone (L86, L108).
 * Source: CWE-79, CWE-93; CVE-2022-31127; OWASP Forgot Password Cheat Sheet, "URL Tokens".
 */
import { letters, type Posted } from './index.ts'
import type { Letter, LetterSetting } from './letter.ts'
import { frame } from './frame.ts'

export interface Rendered {
  readonly subject: string
  readonly text: string
  readonly html: string
}

type Facts = Readonly<Record<string, string>>

const LONGEST_FACT = 256

/** Throws for a letter that this version does not know (another process may), and for a link that is not ours. */
export function renderLetter({ letter: name, data }: Omit<Posted, 'to'>, setting: LetterSetting): Rendered {
  if (!Object.hasOwn(letters, name)) throw new Error(`There is no letter ${JSON.stringify(name)}.`)
  const letter: Letter<Facts> = letters[name]
  const facts = Object.fromEntries(Object.entries(data).map(([key, value]) => [key, readFact(key, value, setting.origin)]))
  const subject = letter.subject(setting)
  return {
    subject,
    text: letter.text(facts, setting),
    html: frame({ title: subject, body: letter.html(facts, setting) }, setting).toString(),
  }
}

function readFact(name: string, value: string, origin: string): string {
  if (value.startsWith(`${origin}/`) && !/[\s\p{C}<>"]/u.test(value)) return value
  if (name === 'link') throw new Error('A letter has a link that does not begin with the origin.')
  return harmless(value)
}

/** One line, of a length, in which a mail program finds nothing to make a link of: `evil.example` is not read as an address. */
function harmless(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()
  const short = line.length > LONGEST_FACT ? `${line.slice(0, LONGEST_FACT)}…` : line
  return short.replaceAll(/\.(?=[\p{L}\p{N}-]*\p{L})|:(?=\/\/)/gu, '$&\u200B')
}
