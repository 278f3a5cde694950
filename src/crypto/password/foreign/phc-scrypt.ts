/**
 * scrypt as a PHC string: `$scrypt$ln=16,r=8,p=1$salt$hash` of passlib, `$scrypt$n=16384,r=8,p=1$…` of AdonisJS.
 * Source: RFC 7914, passlib.hash.scrypt of 1.7.4.
 */
import type { ForeignFormat } from '../algorithm.ts'
import { deriveScrypt, isScryptCost, isWeakScrypt, type ScryptCost } from './derive.ts'
import { blanked } from './digest.ts'

const SHAPE = /^\$scrypt\$(ln|n)=(\d{1,8}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{1,172})\$([A-Za-z0-9+/]{22,172})$/

export const phcScrypt: ForeignFormat = {
  name: 'scrypt',
  claims: (stored) => stored.startsWith('$scrypt$'),
  read(stored, setting) {
    const found = SHAPE.exec(stored)
    if (!found) return undefined
    const [, kind, n, r, p, encodedSalt = '', encoded = ''] = found
    const N = kind === 'n' ? Number(n) : 2 ** Math.min(Number(n), 40)
    const cost: ScryptCost = { N, r: Number(r), p: Number(p) }
    if (!isScryptCost(cost)) return undefined
    const [salt, digest] = [Buffer.from(encodedSalt, 'base64'), Buffer.from(encoded, 'base64')]
    return {
      scheme: `scrypt ${N}:${r}:${p}`,
      weak: isWeakScrypt(cost),
      digest,
      blank: blanked(stored, encoded),
      digests: async (password) => [await deriveScrypt(setting, cost, { password, salt, length: digest.length })],
    }
  },
}
