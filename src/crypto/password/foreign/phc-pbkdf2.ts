/**
 * PBKDF2 as `$pbkdf2-sha256$29000$salt$hash` of passlib, whose base64 has `.` for `+`, or with `i=600000,l=32` as PHC strings have it.
 * `$pbkdf2$` is SHA-1. Source: RFC 8018, passlib.hash.pbkdf2_digest of 1.7.4.
 */
import type { ForeignFormat } from '../algorithm.ts'
import type { Digest } from './derive.ts'
import { fromAdaptedBase64 } from './digest.ts'
import { pbkdf2Recipe } from './recipes.ts'

const SHAPE =
  /^\$pbkdf2(-sha1|-sha256|-sha512)?\$(?:i=)?([1-9]\d{0,7})(?:,l=(\d{1,3}))?\$([A-Za-z0-9+/.]{1,172})\$([A-Za-z0-9+/.]{22,86})$/

export const phcPbkdf2: ForeignFormat = {
  name: 'pbkdf2',
  claims: (stored) => /^\$pbkdf2(?:-sha\d{1,3})?\$/.test(stored),
  read(stored, setting) {
    const found = SHAPE.exec(stored)
    if (!found) return undefined
    const [, kind = '-sha1', iterations, length, encodedSalt = '', encoded = ''] = found
    const [salt, digest] = [fromAdaptedBase64(encodedSalt), fromAdaptedBase64(encoded)]
    if (length !== undefined && Number(length) !== digest.length) return undefined
    return pbkdf2Recipe(setting, {
      ...{ stored, encoded, digest, salt },
      ...{ name: kind.slice(1) as Digest, iterations: Number(iterations) },
    })
  },
}
