/**
 * scrypt as a PHC string: `$scrypt$ln=16,r=8,p=1$salt$hash` of passlib, `$scrypt$n=16384,r=8,p=1$…` of AdonisJS.
 * Source: RFC 7914, passlib.hash.scrypt of 1.7.4.
 */
import type { ForeignFormat } from '../algorithm.ts'
import { scryptRecipe } from './recipes.ts'

const SHAPE = /^\$scrypt\$(ln|n)=(\d{1,8}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{1,172})\$([A-Za-z0-9+/]{22,172})$/

export const phcScrypt: ForeignFormat = {
  name: 'scrypt',
  claims: (stored) => stored.startsWith('$scrypt$'),
  read(stored, setting) {
    const found = SHAPE.exec(stored)
    if (!found) return undefined
    const [, kind, n, r, p, encodedSalt = '', encoded = ''] = found
    const N = kind === 'n' ? Number(n) : 2 ** Math.min(Number(n), 40)
    const cost = { N, r: Number(r), p: Number(p) }
    const [salt, digest] = [Buffer.from(encodedSalt, 'base64'), Buffer.from(encoded, 'base64')]
    return scryptRecipe(setting, { stored, encoded, digest, salt, cost })
  },
}
