/**
 * crypt(3) with SHA-2: `$5$salt$…` (SHA-256) and `$6$rounds=656000$salt$…` (SHA-512), as in /etc/shadow and of htpasswd, mkpasswd, passlib.
 * Source: Drepper, "Unix crypt using SHA-256 and SHA-512", https://www.akkadia.org/drepper/SHA-crypt.txt.
 */
import { hash } from 'node:crypto'
import type { ForeignFormat } from '../algorithm.ts'
import { blanked, cryptBase64 } from './digest.ts'

const SHAPE = /^\$([56])\$(?:rounds=([1-9]\d{0,8})\$)?([./0-9A-Za-z]{0,16})\$([./0-9A-Za-z]{43}|[./0-9A-Za-z]{86})$/
const DEFAULT_ROUNDS = 5000
const LEAST_ROUNDS = 1000
const MOST_ROUNDS = 1_000_000
const STRONG_ROUNDS = 500_000

/** In which order the bytes of a digest are written, three to four characters. */
const ORDER = {
  sha256: [20, 10, 0, 11, 1, 21, 2, 22, 12, 23, 13, 3, 14, 4, 24, 5, 25, 15, 26, 16, 6, 17, 7, 27, 8, 28, 18, 29, 19, 9],
  sha512: [
    ...[42, 21, 0, 1, 43, 22, 23, 2, 44, 45, 24, 3, 4, 46, 25, 26, 5, 47, 48, 27, 6, 7, 49, 28, 29, 8, 50, 51, 30, 9, 10],
    ...[52, 31, 32, 11, 53, 54, 33, 12, 13, 55, 34, 35, 14, 56, 57, 36, 15, 16, 58, 37, 38, 17, 59, 60, 39, 18, 19, 61, 40],
    ...[41, 20, 62],
  ],
} as const

export type ShaCryptDigest = keyof typeof ORDER

export const shaCrypt: ForeignFormat = {
  name: 'sha-crypt',
  claims: (stored) => /^\$[56]\$/.test(stored),
  read(stored, setting) {
    const found = SHAPE.exec(stored)
    if (!found) return undefined
    const [, id, count, salt = '', encoded = ''] = found
    const name: ShaCryptDigest = id === '5' ? 'sha256' : 'sha512'
    const rounds = count === undefined ? DEFAULT_ROUNDS : Number(count)
    if (rounds < LEAST_ROUNDS || rounds > MOST_ROUNDS || encoded.length !== (name === 'sha256' ? 43 : 86)) return undefined
    return {
      scheme: `${name}-crypt ${rounds}`,
      weak: rounds < STRONG_ROUNDS,
      digest: Buffer.from(encoded),
      blank: blanked(stored, encoded),
      async digests(password) {
        setting.onWork({ algorithm: `${name}-crypt`, memory: 0, passes: rounds, parallelism: 1 })
        return [Buffer.from(await setting.runTask({ kind: 'sha-crypt', name, password, salt, rounds }))]
      },
    }
  },
}

/** The digest as it is stored, 43 or 86 characters. Slow and synchronous: call it on another thread. */
export function shaCryptDigest(name: ShaCryptDigest, password: Uint8Array, saltText: string, rounds: number): string {
  const digest = (...parts: readonly Uint8Array[]) => hash(name, Buffer.concat(parts), 'buffer')
  const salt = Buffer.from(saltText)
  const { length } = password
  const b = digest(password, salt, password)
  const mixed: Uint8Array[] = [password, salt, repeated(b, length)]
  for (let bits = length; bits > 0; bits >>>= 1) mixed.push(bits & 1 ? b : password)
  let a = digest(...mixed)
  const p = repeated(digest(...Array.from({ length }, () => password)), length)
  const s = repeated(digest(...Array.from({ length: 16 + a[0]! }, () => salt)), salt.length)
  for (let round = 0; round < rounds; round++) {
    const parts: Uint8Array[] = [round & 1 ? p : a]
    if (round % 3 !== 0) parts.push(s)
    if (round % 7 !== 0) parts.push(p)
    parts.push(round & 1 ? a : p)
    a = digest(...parts)
  }
  return encode(name, a)
}

function encode(name: ShaCryptDigest, digest: Uint8Array): string {
  const order = ORDER[name]
  let text = ''
  for (let at = 0; at < order.length; at += 3)
    text += cryptBase64(digest[order[at]!]! | (digest[order[at + 1]!]! << 8) | (digest[order[at + 2]!]! << 16), 4)
  return name === 'sha256' ? text + cryptBase64(digest[30]! | (digest[31]! << 8), 3) : text + cryptBase64(digest[63]!, 2)
}

/** The bytes again and again, until there are so many. */
function repeated(bytes: Uint8Array, length: number): Uint8Array {
  const all = Buffer.alloc(length)
  for (let at = 0; at < length; at += bytes.length) all.set(bytes.subarray(0, Math.min(bytes.length, length - at)), at)
  return all
}
