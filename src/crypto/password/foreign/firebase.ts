/**
 * Firebase's own scrypt, as `$firebase-scrypt$salt$hash` from the fields of an exported account: the derived key encrypts the key of the
 * project, which stands in `imported.firebase`. Source: https://github.com/firebase/scrypt.
 */
import { createCipheriv } from 'node:crypto'
import { reveal } from '../../secret.ts'
import type { ForeignFormat } from '../algorithm.ts'
import { deriveScrypt, isScryptCost, type ScryptCost } from './derive.ts'
import { blanked } from './digest.ts'

const SHAPE = /^\$firebase-scrypt\$([A-Za-z0-9+/_-]{1,172}={0,2})\$([A-Za-z0-9+/_-]{43,172}={0,2})$/

export const firebase: ForeignFormat = {
  name: 'firebase scrypt',
  claims: (stored) => stored.startsWith('$firebase-scrypt$'),
  read(stored, setting) {
    const found = SHAPE.exec(stored)
    const parameters = setting.imported.firebase
    if (!found || parameters === undefined) return undefined
    const [, encodedSalt = '', encoded = ''] = found
    const cost: ScryptCost = { N: 2 ** parameters.memCost, r: parameters.rounds, p: 1 }
    if (!isScryptCost(cost)) return undefined
    const salt = Buffer.concat([Buffer.from(encodedSalt, 'base64'), Buffer.from(parameters.saltSeparator, 'base64')])
    const digest = Buffer.from(encoded, 'base64')
    return {
      scheme: `firebase scrypt ${cost.N}:${cost.r}:1`,
      weak: cost.N * cost.r < 2 ** 17,
      digest,
      blank: blanked(stored, encoded),
      async digests(password) {
        const key = await deriveScrypt(setting, cost, { password, salt, length: 32 })
        const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16))
        return [cipher.update(Buffer.from(reveal(parameters.signerKey), 'base64'))]
      },
    }
  },
}
