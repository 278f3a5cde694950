/**
 * Hashes of Werkzeug (Flask): `scrypt:N:r:p$salt$hex` and `pbkdf2:digest:iterations$salt$hex`. The salt is the text itself.
 * Source: werkzeug.security of 2.2 and 3.1.
 */
import type { ForeignFormat } from '../algorithm.ts'
import type { Digest } from './derive.ts'
import { pbkdf2Recipe, scryptRecipe } from './recipes.ts'

const SCRYPT = /^scrypt:(\d{1,8}):(\d{1,3}):(\d{1,3})\$([^$]{1,128})\$([0-9a-fA-F]{32,256})$/
const PBKDF2 = /^pbkdf2:(sha1|sha224|sha256|sha384|sha512):(\d{1,8})\$([^$]{1,128})\$([0-9a-fA-F]{40,128})$/

export const werkzeugScrypt: ForeignFormat = {
  name: 'werkzeug scrypt',
  claims: (stored) => stored.startsWith('scrypt:'),
  read(stored, setting) {
    const found = SCRYPT.exec(stored)
    if (!found) return undefined
    const [, N, r, p, salt = '', encoded = ''] = found
    const [cost, digest] = [{ N: Number(N), r: Number(r), p: Number(p) }, Buffer.from(encoded, 'hex')]
    return scryptRecipe(setting, { of: 'werkzeug', stored, encoded, digest, salt, cost })
  },
}

export const werkzeugPbkdf2: ForeignFormat = {
  name: 'werkzeug pbkdf2',
  claims: (stored) => stored.startsWith('pbkdf2:'),
  read(stored, setting) {
    const found = PBKDF2.exec(stored)
    if (!found) return undefined
    const [, name, iterations, salt = '', encoded = ''] = found
    const digest = Buffer.from(encoded, 'hex')
    return pbkdf2Recipe(setting, {
      ...{ of: 'werkzeug', stored, encoded, digest, salt },
      ...{ name: name as Digest, iterations: Number(iterations) },
    })
  },
}
