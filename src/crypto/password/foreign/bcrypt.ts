/**
 * bcrypt as `$2b$12$…`, also `2a` and `2y`, and passlib's `$bcrypt-sha256$`. It reads 72 bytes and no more, as it did where the hash was
 * made; the new hash of the next sign-in reads all. Needs the package `bcryptjs`, since Node has no bcrypt of its own.
 * Source: Provos and Mazières, "A Future-Adaptable Password Scheme"; passlib.hash.bcrypt_sha256 of 1.7.4.
 */
import { createHmac } from 'node:crypto'
import type { ForeignFormat, PasswordSetting, Recipe } from '../algorithm.ts'
import { blanked } from './digest.ts'

const SHAPE = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{22}([./A-Za-z0-9]{31})$/
const SHA256 = /^\$bcrypt-sha256\$v=2,t=(2[ab]),r=(\d{1,2})\$([./A-Za-z0-9]{22})\$([./A-Za-z0-9]{31})$/
const LEAST_COST = 4
const MOST_COST = 15
const STRONG_COST = 10 // OWASP Password Storage Cheat Sheet
const SALT_END = 29 // `$2b$12$` and 22 characters of salt

export const bcrypt: ForeignFormat = {
  name: 'bcrypt',
  claims: (stored) => /^\$2[abxy]?\$/.test(stored),
  read: (stored, setting) => bcryptRecipe(stored, setting, (password) => password),
}

/** The HMAC of the password goes into bcrypt, with its salt as the key. */
export const bcryptSha256: ForeignFormat = {
  name: 'bcrypt-sha256',
  claims: (stored) => stored.startsWith('$bcrypt-sha256$'),
  read(stored, setting) {
    const found = SHA256.exec(stored)
    if (!found) return undefined
    const [, ident, cost = '', salt = '', encoded = ''] = found
    const inner = `$${ident}$${cost.padStart(2, '0')}$${salt}${encoded}`
    const recipe = bcryptRecipe(inner, setting, (password) =>
      Buffer.from(createHmac('sha256', salt).update(password).digest('base64')),
    )
    return recipe && { ...recipe, scheme: `bcrypt-sha256 ${Number(cost)}`, blank: blanked(stored, encoded) }
  },
}

/** bcrypt over what `before` makes of the password. Refuses costs under 4 and over 15, and all of them without `bcryptjs`. */
export function bcryptRecipe(
  stored: string,
  setting: PasswordSetting,
  before: (password: Uint8Array) => Uint8Array,
): Recipe | undefined {
  const found = setting.bcrypt ? SHAPE.exec(stored) : null
  if (!found) return undefined
  const [, costText, encoded = ''] = found
  const cost = Number(costText)
  if (cost < LEAST_COST || cost > MOST_COST) return undefined
  return {
    scheme: `bcrypt ${cost}`,
    weak: cost < STRONG_COST,
    digest: Buffer.from(encoded),
    blank: blanked(stored, encoded),
    async digests(password) {
      setting.onWork({ algorithm: 'bcrypt', memory: 4, passes: 2 ** cost, parallelism: 1 })
      const text = await setting.runTask({ kind: 'bcrypt', password: before(password), salt: stored.slice(0, SALT_END) })
      // Implementations in C end at a zero byte: such a password would be a shorter one.
      return password.includes(0) ? [] : [Buffer.from(text.slice(SALT_END))]
    },
  }
}
