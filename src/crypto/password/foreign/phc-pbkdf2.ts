/**
 * PBKDF2 as `$pbkdf2-sha256$29000$salt$hash` of passlib, whose base64 has `.` for `+`, or with `i=600000,l=32` as PHC strings have it.
 * `$pbkdf2$` is SHA-1. Source: RFC 8018, passlib.hash.pbkdf2_digest of 1.7.4.
 */
import type { ForeignFormat } from '../algorithm.ts'
import { areIterations, derivePbkdf2, isWeakPbkdf2, type Digest } from './derive.ts'
import { blanked, fromAdaptedBase64 } from './digest.ts'

const SHAPE =
  /^\$pbkdf2(-sha1|-sha256|-sha512)?\$(?:i=)?([1-9]\d{0,7})(?:,l=(\d{1,3}))?\$([A-Za-z0-9+/.]{1,172})\$([A-Za-z0-9+/.]{22,86})$/

export const phcPbkdf2: ForeignFormat = {
  name: 'pbkdf2',
  claims: (stored) => /^\$pbkdf2(?:-sha\d{1,3})?\$/.test(stored),
  read(stored, setting) {
    const found = SHAPE.exec(stored)
    if (!found) return undefined
    const [, kind = '-sha1', count, length, encodedSalt = '', encoded = ''] = found
    const name = kind.slice(1) as Digest
    const iterations = Number(count)
    const [salt, digest] = [fromAdaptedBase64(encodedSalt), fromAdaptedBase64(encoded)]
    if (!areIterations(iterations) || (length !== undefined && Number(length) !== digest.length)) return undefined
    return {
      scheme: `pbkdf2-${name} ${iterations}`,
      weak: isWeakPbkdf2(name, iterations),
      digest,
      blank: blanked(stored, encoded),
      digests: async (password) => [await derivePbkdf2(setting, name, { password, salt, iterations, length: digest.length })],
    }
  },
}
