/**
 * Unguessable text: ids, nonces, session tokens, and the one-time code a person types at set-up.
 * Source: OWASP ASVS 5.0 11.5.1 (at least 128 bits from a cryptographically secure generator), Crockford's base 32.
 */
import { randomFillSync } from 'node:crypto'

/** What makes random text. Pass it in as an argument; tests give their own `fill`. */
export interface Random {
  /** base64url text of `bytes` random bytes (default 32, 43 characters). Refuses fewer than 16: 128 bits is the floor. */
  readonly token: (bytes?: number) => string
  /** `count` random bytes in a buffer of their own, 1 to 1024. */
  readonly bytes: (count: number) => Buffer
}

export interface RandomOptions {
  /** Fills the whole buffer with random bytes. @default randomFillSync of node:crypto */
  readonly fill?: (pool: Buffer) => void
  /** Bytes fetched at a time, at least 1024. @default 8192 */
  readonly size?: number
}

const LARGEST = 1024
const SMALLEST_TOKEN = 16
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ' // Crockford: no I, L, O, U
const CODE_LENGTH = 12 // × 5 bits = 60 bits: out of reach for any limiter that counts attempts
const LONGEST_TYPED_CODE = 64

/**
 * A pool of random bytes, so that a token costs a copy instead of a call into the generator.
 * Bytes are erased as they are handed out: a later read of this memory shows no token that is in use.
 */
export function createRandom({ fill = randomFillSync, size = 8192 }: RandomOptions = {}): Random {
  if (!Number.isInteger(size) || size < LARGEST)
    throw new RangeError(`The random pool needs at least ${LARGEST} bytes, got ${size}.`)
  const pool = Buffer.allocUnsafeSlow(size).fill(0) // Slow: memory of its own, never shared with other buffers
  let next = size

  /** Where `count` fresh bytes begin. The pool moves on only after a successful fill: a failing generator never yields old bytes. */
  function take(count: number): number {
    if (next + count > size) {
      fill(pool)
      next = 0
    }
    const start = next
    next += count
    return start
  }

  return {
    token(bytes = 32) {
      if (!Number.isInteger(bytes) || bytes < SMALLEST_TOKEN || bytes > LARGEST)
        throw new RangeError(`A token has ${SMALLEST_TOKEN} to ${LARGEST} bytes, got ${bytes}.`)
      const start = take(bytes)
      const text = pool.toString('base64url', start, start + bytes)
      pool.fill(0, start, start + bytes)
      return text
    },
    bytes(count) {
      if (!Number.isInteger(count) || count < 1 || count > LARGEST)
        throw new RangeError(`Ask for 1 to ${LARGEST} random bytes, got ${count}.`)
      const start = take(count)
      const copy = Buffer.from(pool.subarray(start, start + count))
      pool.fill(0, start, start + count)
      return copy
    },
  }
}

/** The process's own pool. It holds nothing that anyone could observe or depend on, and it is filled at the first use. */
const shared = createRandom()

/** `createRandom().token` on the process's own pool: base64url of `bytes` random bytes, 16 to 1024. @default 32 */
export const randomToken: (bytes?: number) => string = shared.token

/**
 * A one-time code for people, such as `K7QM-2XDP-9RTB`: symbols of Crockford's base 32, 5 bits each; 12 of them are 60 bits.
 * Compare what was typed with `equal(normaliseCode(typed, length), code)`.
 */
export function randomCode(random: Pick<Random, 'bytes'> = shared, length: number = CODE_LENGTH): string {
  let code = ''
  for (const byte of random.bytes(length)) code += ALPHABET.charAt(byte & 31) // 256 is a multiple of 32: no bias
  return grouped(code)
}

/**
 * The canonical form of a code as typed: any case, with or without dashes and spaces, `O` read as 0, `I` and `L` as 1.
 * `undefined` when it cannot be a code.
 */
export function normaliseCode(text: string, length: number = CODE_LENGTH): string | undefined {
  if (text.length > LONGEST_TYPED_CODE) return undefined
  const code = text
    .toUpperCase()
    .replace(/[\s\-\u2010-\u2015]/g, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1')
  if (code.length !== length) return undefined
  for (const symbol of code) if (!ALPHABET.includes(symbol)) return undefined
  return grouped(code)
}

function grouped(code: string): string {
  return code.replace(/.{4}(?=.)/g, '$&-')
}
