/**
 * phpass, the portable hash of WordPress before 6.8 and of phpBB: `$P$` or `$H$`, MD5 again and again. Quick to guess: to be wrapped.
 * Source: https://www.openwall.com/phpass/.
 */
import { hash } from 'node:crypto'
import type { ForeignFormat } from '../algorithm.ts'
import { blanked, CRYPT_ALPHABET, cryptBase64 } from './digest.ts'

const SHAPE = /^\$[PH]\$([./0-9A-Za-z])([./0-9A-Za-z]{8})([./0-9A-Za-z]{22})$/
const LEAST_COST = 7
const MOST_COST = 20

export const phpass: ForeignFormat = {
  name: 'phpass',
  claims: (stored) => /^\$[PH]\$/.test(stored),
  read(stored, setting) {
    const found = SHAPE.exec(stored)
    if (!found) return undefined
    const [, digit = '', salt = '', encoded = ''] = found
    const cost = CRYPT_ALPHABET.indexOf(digit)
    if (cost < LEAST_COST || cost > MOST_COST) return undefined
    return {
      scheme: `phpass ${cost}`,
      weak: true,
      digest: Buffer.from(encoded),
      blank: blanked(stored, encoded),
      async digests(password) {
        setting.onWork({ algorithm: 'phpass', memory: 0, passes: 2 ** cost, parallelism: 1 })
        return [Buffer.from(await setting.runTask({ kind: 'phpass', password, salt, rounds: 2 ** cost }))]
      },
    }
  },
}

/** The 22 characters of the digest. Slow and synchronous: call it on another thread. */
export function phpassDigest(password: Uint8Array, salt: string, rounds: number): string {
  let digest = hash('md5', Buffer.concat([Buffer.from(salt), password]), 'buffer')
  for (let round = 0; round < rounds; round++) digest = hash('md5', Buffer.concat([digest, password]), 'buffer')
  let text = ''
  for (let at = 0; at < 15; at += 3) text += cryptBase64(digest[at]! | (digest[at + 1]! << 8) | (digest[at + 2]! << 16), 4)
  return text + cryptBase64(digest[15]!, 2)
}
