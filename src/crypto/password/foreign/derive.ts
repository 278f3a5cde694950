/**
 * The key derivations of other systems, by Node's own code on libuv's threads, each with the most that a stored hash may ask for.
 * A hash that was slipped into the database, or imported, must not stop the process (CWE-400, lesson L91).
 */
import { argon2, createHmac, hash, pbkdf2, scrypt } from 'node:crypto'
import type { PasswordSetting } from '../algorithm.ts'

export type Digest = 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512'
type Setting = Pick<PasswordSetting, 'onWork'>

const MOST_ITERATIONS = 4_000_000
const MOST_MEMORY = 256 * 1024 * 1024
const MOST_MIXES = 2 ** 22 // N·r·p: four times the 2^17·8·1 of OWASP
/** OWASP Password Storage Cheat Sheet: fewer are quick to guess. */
const STRONG_ITERATIONS: Readonly<Record<string, number>> = { sha1: 1_300_000, sha256: 600_000, sha512: 210_000 }

export interface ScryptCost {
  /** A power of two. */
  readonly N: number
  readonly r: number
  readonly p: number
}

/** Whether so many iterations are between 1 and what a server will pay. */
export function areIterations(count: number): boolean {
  return Number.isInteger(count) && count >= 1 && count <= MOST_ITERATIONS
}

export function isWeakPbkdf2(digest: Digest, iterations: number): boolean {
  return iterations < (STRONG_ITERATIONS[digest] ?? Infinity) / 4 // a quarter of today's advice is where it begins to be urgent
}

/** Whether scrypt may ask for this: at most 256 MiB, and a time that ends. */
export function isScryptCost({ N, r, p }: ScryptCost): boolean {
  if (![N, r, p].every((cost) => Number.isInteger(cost) && cost >= 1)) return false
  return N >= 2 && Number.isInteger(Math.log2(N)) && 128 * N * r <= MOST_MEMORY && N * r * p <= MOST_MIXES && r <= 64 && p <= 64
}

export function isWeakScrypt({ N, r, p }: ScryptCost): boolean {
  return N * r * p < 2 ** 17
}

export function derivePbkdf2(
  setting: Setting,
  digest: Digest,
  input: { readonly password: Uint8Array; readonly salt: Uint8Array; readonly iterations: number; readonly length: number },
): Promise<Buffer> {
  const { password, salt, iterations, length } = input
  setting.onWork({ algorithm: `pbkdf2-${digest}`, memory: 0, passes: iterations, parallelism: 1 })
  return new Promise((resolve, reject) =>
    pbkdf2(password, salt, iterations, length, digest, (error, key) => (error ? reject(error) : resolve(key))),
  )
}

export function deriveScrypt(
  setting: Setting,
  cost: ScryptCost,
  input: { readonly password: Uint8Array; readonly salt: Uint8Array; readonly length: number },
): Promise<Buffer> {
  const { N, r, p } = cost
  setting.onWork({ algorithm: 'scrypt', memory: (128 * N * r) / 1024, passes: 1, parallelism: p })
  const maxmem = 128 * N * r + 128 * r * p + 1024 * 1024
  return new Promise((resolve, reject) =>
    scrypt(input.password, input.salt, input.length, { N, r, p, maxmem }, (error, key) => (error ? reject(error) : resolve(key))),
  )
}

export function deriveArgon2(
  setting: Setting,
  variant: 'argon2d' | 'argon2i' | 'argon2id',
  input: {
    readonly password: Uint8Array
    readonly salt: Uint8Array
    readonly memory: number
    readonly passes: number
    readonly parallelism: number
    readonly length: number
  },
): Promise<Buffer> {
  const { password, salt, length, ...cost } = input
  setting.onWork({ algorithm: variant, ...cost })
  return new Promise((resolve, reject) =>
    argon2(variant, { message: password, nonce: salt, ...cost, tagLength: length }, (error, key) =>
      error ? reject(error) : resolve(key),
    ),
  )
}

/** One keyed hash. As quick for a guesser as for us. */
export function keyed(setting: Setting, digest: Digest, key: string | Uint8Array, password: Uint8Array): Buffer {
  setting.onWork({ algorithm: `hmac-${digest}`, memory: 0, passes: 1, parallelism: 1 })
  return createHmac(digest, key).update(password).digest()
}

/** One hash. As quick for a guesser as for us. */
export function once(setting: Setting, digest: Digest, parts: readonly Uint8Array[]): Buffer {
  setting.onWork({ algorithm: digest, memory: 0, passes: 1, parallelism: 1 })
  return hash(digest, Buffer.concat(parts), 'buffer')
}
