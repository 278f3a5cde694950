/**
 * One fast hash with a salt, as `sha256$salt$hex`: Werkzeug before 3 made it with HMAC, Django before 1.4 by writing the salt before the
 * password, and the text does not say which, so both are tried. Quick to guess: to be wrapped. `plain$$…` is not read at all.
 * Source: werkzeug.security of 2.2, django.contrib.auth.hashers of 3.2.
 */
import type { ForeignFormat } from '../algorithm.ts'
import { keyed, once, type Digest } from './derive.ts'
import { blanked } from './digest.ts'

const SHAPE = /^(md5|sha1|sha224|sha256|sha384|sha512)\$([^$]{1,128})\$([0-9a-fA-F]{32,128})$/

export const salted: ForeignFormat = {
  name: 'salted digest',
  claims: (stored) => /^(?:md5|sha\d{1,3})\$/.test(stored),
  read(stored, setting) {
    const found = SHAPE.exec(stored)
    if (!found) return undefined
    const [, name, salt = '', hex = ''] = found
    return {
      scheme: `salted ${name}`,
      weak: true,
      digest: Buffer.from(hex, 'hex'),
      blank: blanked(stored, hex),
      digests: async (password) => [
        keyed(setting, name as Digest, salt, password),
        once(setting, name as Digest, [Buffer.from(salt), password]),
      ],
    }
  },
}
