/**
 * Hashes of Werkzeug (Flask): `scrypt:N:r:p$salt$hex` and `pbkdf2:digest:iterations$salt$hex`. The salt is the text itself.
 * Source: werkzeug.security of 2.2 and 3.1.
 */
import type { ForeignFormat } from '../algorithm.ts'
import {
  areIterations,
  derivePbkdf2,
  deriveScrypt,
  isScryptCost,
  isWeakPbkdf2,
  isWeakScrypt,
  type Digest,
  type ScryptCost,
} from './derive.ts'
import { blanked } from './digest.ts'

const SCRYPT = /^scrypt:(\d{1,8}):(\d{1,3}):(\d{1,3})\$([^$]{1,128})\$([0-9a-fA-F]{32,256})$/
const PBKDF2 = /^pbkdf2:(sha1|sha224|sha256|sha384|sha512):(\d{1,8})\$([^$]{1,128})\$([0-9a-fA-F]{40,128})$/

export const werkzeugScrypt: ForeignFormat = {
  name: 'werkzeug scrypt',
  claims: (stored) => stored.startsWith('scrypt:'),
  read(stored, setting) {
    const found = SCRYPT.exec(stored)
    if (!found) return undefined
    const [, N, r, p, salt = '', hex = ''] = found
    const cost: ScryptCost = { N: Number(N), r: Number(r), p: Number(p) }
    if (!isScryptCost(cost)) return undefined
    const digest = Buffer.from(hex, 'hex')
    return {
      scheme: `werkzeug scrypt ${N}:${r}:${p}`,
      weak: isWeakScrypt(cost),
      digest,
      blank: blanked(stored, hex),
      digests: async (password) => [
        await deriveScrypt(setting, cost, { password, salt: Buffer.from(salt), length: digest.length }),
      ],
    }
  },
}

export const werkzeugPbkdf2: ForeignFormat = {
  name: 'werkzeug pbkdf2',
  claims: (stored) => stored.startsWith('pbkdf2:'),
  read(stored, setting) {
    const found = PBKDF2.exec(stored)
    if (!found) return undefined
    const [, name, count, salt = '', hex = ''] = found
    const iterations = Number(count)
    if (!areIterations(iterations)) return undefined
    const digest = Buffer.from(hex, 'hex')
    return {
      scheme: `werkzeug pbkdf2-${name} ${iterations}`,
      weak: isWeakPbkdf2(name as Digest, iterations),
      digest,
      blank: blanked(stored, hex),
      digests: async (password) => [
        await derivePbkdf2(setting, name as Digest, { password, salt: Buffer.from(salt), iterations, length: digest.length }),
      ],
    }
  },
}
