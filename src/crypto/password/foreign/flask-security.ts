/**
 * Flask-Security's double hash, as `$flask-security$` before the hash of its table: the password in NFKD goes through HMAC-SHA512 with
 * `SECURITY_PASSWORD_SALT` of the application (`imported.flaskSecuritySalt`), and the base64 of that into the hash.
 * Source: flask_security.utils.get_hmac of 5.1.
 */
import { createHmac } from 'node:crypto'
import { reveal } from '../../secret.ts'
import type { ForeignFormat } from '../algorithm.ts'

/** What marks the hashes, which themselves do not show that there was an HMAC before. */
export const FLASK_SECURITY = '$flask-security$'

/** The format over those that it may stand before. */
export function flaskSecurity(inner: readonly ForeignFormat[]): ForeignFormat {
  return {
    name: 'flask-security',
    claims: (stored) => stored.startsWith(FLASK_SECURITY),
    read(stored, setting) {
      const secret = setting.imported.flaskSecuritySalt
      if (secret === undefined) return undefined
      const rest = stored.slice(FLASK_SECURITY.length - 1)
      const recipe = inner.find((format) => format.claims(rest))?.read(rest, setting)
      if (!recipe) return undefined
      return {
        ...recipe,
        scheme: `flask-security ${recipe.scheme}`,
        blank: FLASK_SECURITY.slice(0, -1) + recipe.blank,
        digests(password) {
          const text = Buffer.from(password).toString().normalize('NFKD')
          const before = createHmac('sha512', reveal(secret)).update(text).digest('base64')
          return recipe.digests(Buffer.from(before))
        },
      }
    },
  }
}
