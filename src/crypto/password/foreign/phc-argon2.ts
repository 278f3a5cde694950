/**
 * Argon2 in all three kinds as a PHC string, `$argon2i$v=19$m=65536,t=3,p=4$salt$hash`; argon2id without a prefix is our own format.
 * Source: RFC 9106, https://github.com/P-H-C/phc-string-format.
 */
import type { ForeignFormat } from '../algorithm.ts'
import { areBounded, areStrong } from '../argon2id.ts'
import { deriveArgon2 } from './derive.ts'
import { blanked } from './digest.ts'

const SHAPE =
  /^\$(argon2id|argon2i|argon2d)\$v=19\$m=([1-9]\d{0,6}),t=([1-9]\d?),p=([1-9]\d?)\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{16,172})$/

export const phcArgon2: ForeignFormat = {
  name: 'argon2',
  claims: (stored) => /^\$argon2(?:id|i|d)\$/.test(stored),
  read(stored, setting) {
    const found = SHAPE.exec(stored)
    if (!found) return undefined
    const [, name, m, t, p, encodedSalt = '', encoded = ''] = found
    const variant = name as 'argon2id' | 'argon2i' | 'argon2d'
    const cost = { memory: Number(m), passes: Number(t), parallelism: Number(p) }
    if (!areBounded(cost)) return undefined
    const [salt, digest] = [Buffer.from(encodedSalt, 'base64'), Buffer.from(encoded, 'base64')]
    return {
      scheme: `${variant} m=${m},t=${t},p=${p}`,
      weak: !areStrong(cost),
      digest,
      blank: blanked(stored, encoded),
      digests: async (password) => [await deriveArgon2(setting, variant, { password, salt, ...cost, length: digest.length })],
    }
  },
}
