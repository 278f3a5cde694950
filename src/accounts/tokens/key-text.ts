/**
 * How an API key is written: `hf_key_` + 11 characters that name it + `_` + 43 characters that prove it + 6 of checksum, all base 62.
 *
 * The fixed beginning and the checksum (CRC-32 of all before it) let scanners of source code find a key that leaked, without taking
 * other text for one: `hf_key_[0-9A-Za-z]{11}_[0-9A-Za-z]{49}`. The checksum is no secret and proves nothing. The secret has 256 bits,
 * so its SHA-256 is all that is stored. Source: OWASP ASVS 5.0, 11.5.1; OWASP Secrets Management Cheat Sheet.
 */
import { crc32 } from 'node:zlib'
import { sha256 } from '../../crypto/hash.ts'
import { Secret } from '../../crypto/secret.ts'

/** What every key begins with, and nothing else of ours does. */
export const KEY_PREFIX = 'hf_key_'

/** A new key: the text for its owner's eyes, once, and what is stored. */
export interface MintedKey {
  readonly text: Secret
  readonly id: string
  readonly hash: string
}

/** A text that may be a key. */
export interface SentKey {
  readonly text: string
  /** To look for. Computed for everything, so that each kind of wrong costs the same. */
  readonly hash: string
}

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const SHAPE = /^hf_key_([0-9A-Za-z]{11})_[0-9A-Za-z]{43}[0-9A-Za-z]{6}$/
const ANYWHERE = /hf_key_[0-9A-Za-z]{11}_[0-9A-Za-z]{49}/
const [ID_LENGTH, SECRET_LENGTH, SUM_LENGTH] = [11, 43, 6]
const [ID_BYTES, SECRET_BYTES] = [8, 32]
const LEAST_RANDOM = 16
const LONGEST = 256

/** A new key. `random` gives base64url text of so many random bytes. */
export function mintKey(random: (bytes: number) => string): MintedKey {
  const id = base62(Buffer.from(random(LEAST_RANDOM), 'base64url').subarray(0, ID_BYTES), ID_LENGTH)
  const secret = base62(Buffer.from(random(SECRET_BYTES), 'base64url'), SECRET_LENGTH)
  const body = `${KEY_PREFIX}${id}_${secret}`
  const text = `${body}${checksumOf(body)}`
  return { text: new Secret(text), id, hash: sha256(text) }
}

/** Reads any text in bounded time; what is longer than every key is cut, and is then none. */
export function readKey(sent: string): SentKey {
  const text = sent.length > LONGEST ? sent.slice(0, LONGEST) : sent
  return { text, hash: sha256(text) }
}

/** The public name in a key; `undefined` when it is none of ours, by form or checksum. */
export function idOfKey({ text }: Pick<SentKey, 'text'>): string | undefined {
  const id = SHAPE.exec(text)?.[1]
  return id !== undefined && text.endsWith(checksumOf(text.slice(0, -SUM_LENGTH))) ? id : undefined
}

/** Whether a key stands somewhere in the text, where none should. */
export function holdsKey(text: string): boolean {
  return text.includes(KEY_PREFIX) && ANYWHERE.test(text)
}

function checksumOf(body: string): string {
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(body))
  return base62(sum, SUM_LENGTH)
}

function base62(bytes: Buffer, length: number): string {
  let rest = BigInt(`0x${bytes.toString('hex')}`)
  let text = ''
  while (text.length < length) {
    text = DIGITS.charAt(Number(rest % 62n)) + text
    rest /= 62n
  }
  return text
}
