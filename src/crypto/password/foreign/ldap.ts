/**
 * Salted digests of LDAP directories: `{SSHA}`, `{SSHA256}`, `{SSHA512}`, base64 of the digest with the salt behind it. Quick to guess: to
 * be wrapped. Source: OpenLDAP Administrator's Guide section 14.4, passlib.hash.ldap_salted_sha1 of 1.7.4.
 */
import type { ForeignFormat } from '../algorithm.ts'
import { once, type Digest } from './derive.ts'

const SHAPE = /^\{SSHA(256|512)?\}([A-Za-z0-9+/]{28,172}={0,2})$/
const BYTES = { sha1: 20, sha256: 32, sha512: 64 } as const

export const ldap: ForeignFormat = {
  name: 'ldap',
  claims: (stored) => stored.startsWith('{SSHA'),
  read(stored, setting) {
    const found = SHAPE.exec(stored)
    if (!found) return undefined
    const [, bits, encoded = ''] = found
    const name = bits === undefined ? 'sha1' : (`sha${bits}` as Digest & keyof typeof BYTES)
    const bytes = Buffer.from(encoded, 'base64')
    const [digest, salt] = [bytes.subarray(0, BYTES[name]), bytes.subarray(BYTES[name])]
    if (salt.length < 4 || salt.length > 64) return undefined
    return {
      scheme: `ldap salted ${name}`,
      weak: true,
      digest,
      blank: `{SSHA${bits ?? ''}}${Buffer.concat([Buffer.alloc(digest.length), salt]).toString('base64')}`,
      digests: async (password) => [once(setting, name, [password, salt])],
    }
  },
}
