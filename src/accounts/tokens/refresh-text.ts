/**
 * How a refresh token is written: `hf_refresh_` + family `.` generation `.` 256 bits that prove it `.` our mark on the rest.
 *
 * Only the hash of the newest is stored, and of its predecessor. By the mark we know any older one as ours, so that using it again is
 * seen for as long as its family lives, without a row for each; who merely knows the public name of a family can do nothing with it.
 * The next token follows from this one, a random salt that is stored, and the key ring: who asks twice gets the same one, and no clear
 * text is kept. Sources: RFC 9700 section 4.14.2 (rotation, reuse); OWASP ASVS 5.0 10.4.5; lessons L26, L32, L34.
 */
import { sha256 } from '../../crypto/hash.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import { Secret } from '../../crypto/secret.ts'

/** What every refresh token begins with, and nothing else of ours does. */
export const REFRESH_PREFIX = 'hf_refresh_'

/** A new one, and what is stored of it. */
export interface MintedRefresh {
  readonly text: Secret
  readonly hash: string
}

/** A text that has the form of one. Nothing is known of it yet. */
export interface SentRefresh {
  readonly text: string
  readonly family: string
  readonly generation: number
  readonly hash: string
}

export interface RefreshTexts {
  /** The first of a family. */
  first(family: string): MintedRefresh
  /** The one after `before`, by this salt: always the same. */
  next(before: SentRefresh, salt: string): MintedRefresh
  /** Whether we made it, ever. */
  isOurs(sent: SentRefresh): boolean
}

type Ring = Pick<KeyRing, 'sign' | 'verify'>

const MARK = 'accounts/refresh'
const NEXT = 'accounts/refresh-next'
const LONGEST = 256
const SECRET_BYTES = 32
const SHAPE = /^hf_refresh_([A-Za-z0-9_-]{22})\.(\d{1,9})\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{1,32}\.[A-Za-z0-9_-]{43})$/
const ANYWHERE = /hf_refresh_[A-Za-z0-9_-]{22}\.\d{1,9}\./

/** Makes the writer. `random` gives base64url text of so many random bytes. */
export function createRefreshTexts(keys: Ring, random: (bytes: number) => string): RefreshTexts {
  function mint(family: string, generation: number, secret: string): MintedRefresh {
    const body = `${family}.${generation}.${secret}`
    const text = `${REFRESH_PREFIX}${body}.${keys.sign(MARK, body)}`
    return { text: new Secret(text), hash: sha256(text) }
  }

  return {
    first: (family) => mint(family, 1, random(SECRET_BYTES)),
    next({ text, family, generation }, salt) {
      const signed = keys.sign(NEXT, [salt, text])
      return mint(family, generation + 1, signed.slice(signed.indexOf('.') + 1))
    },
    isOurs({ text }) {
      const [, family, generation, secret, mark] = SHAPE.exec(text)!
      return keys.verify(MARK, `${family}.${generation}.${secret}`, mark!).ok
    },
  }
}

/** Reads any text in bounded time; `undefined` for what cannot be one. */
export function readRefresh(text: string): SentRefresh | undefined {
  const match = text.length <= LONGEST ? SHAPE.exec(text) : null
  return match ? { text, family: match[1]!, generation: Number(match[2]), hash: sha256(text) } : undefined
}

/** Whether one stands somewhere in the text, where none should. */
export function holdsRefresh(text: string): boolean {
  return text.includes(REFRESH_PREFIX) && ANYWHERE.test(text)
}
