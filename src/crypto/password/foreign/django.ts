/**
 * Hashes of Django: `pbkdf2_sha256$iterations$salt$base64`, `scrypt$N$salt$r$p$base64`, and `argon2`, `bcrypt`, `bcrypt_sha256` before a
 * hash of that kind. Source: django.contrib.auth.hashers of 3.2 and 5.2.
 */
import { hash } from 'node:crypto'
import type { ForeignFormat, Recipe } from '../algorithm.ts'
import { bcrypt, bcryptRecipe } from './bcrypt.ts'
import type { Digest } from './derive.ts'
import { phcArgon2 } from './phc-argon2.ts'
import { pbkdf2Recipe, scryptRecipe } from './recipes.ts'

const PBKDF2 = /^pbkdf2_(sha1|sha256)\$(\d{1,8})\$([^$]{1,128})\$([A-Za-z0-9+/]{22,86}={0,2})$/
const SCRYPT = /^scrypt\$(\d{1,8})\$([^$]{1,128})\$(\d{1,3})\$(\d{1,3})\$([A-Za-z0-9+/]{43,172}={0,2})$/

export const djangoPbkdf2: ForeignFormat = {
  name: 'django pbkdf2',
  claims: (stored) => stored.startsWith('pbkdf2_'),
  read(stored, setting) {
    const found = PBKDF2.exec(stored)
    if (!found) return undefined
    const [, name, iterations, salt = '', encoded = ''] = found
    const digest = Buffer.from(encoded, 'base64')
    return pbkdf2Recipe(setting, {
      ...{ of: 'django', stored, encoded, digest, salt },
      ...{ name: name as Digest, iterations: Number(iterations) },
    })
  },
}

export const djangoScrypt: ForeignFormat = {
  name: 'django scrypt',
  claims: (stored) => stored.startsWith('scrypt$'),
  read(stored, setting) {
    const found = SCRYPT.exec(stored)
    if (!found) return undefined
    const [, N, salt = '', r, p, encoded = ''] = found
    const [cost, digest] = [{ N: Number(N), r: Number(r), p: Number(p) }, Buffer.from(encoded, 'base64')]
    return scryptRecipe(setting, { of: 'django', stored, encoded, digest, salt, cost })
  },
}

export const djangoArgon2 = prefixed('django argon2', 'argon2', (inner, setting) => phcArgon2.read(inner, setting))
export const djangoBcrypt = prefixed('django bcrypt', 'bcrypt$', (inner, setting) => bcrypt.read(inner, setting))

/** The hexadecimal SHA-256 goes into bcrypt, which then cuts nothing off. */
export const djangoBcryptSha256 = prefixed('django bcrypt-sha256', 'bcrypt_sha256$', (inner, setting) =>
  bcryptRecipe(inner, setting, (password) => Buffer.from(hash('sha256', password, 'hex'))),
)

function prefixed(
  name: string,
  prefix: string,
  read: (inner: string, setting: Parameters<ForeignFormat['read']>[1]) => Recipe | undefined,
): ForeignFormat {
  return {
    name,
    claims: (stored) => stored.startsWith(`${prefix}$`),
    read(stored, setting) {
      const recipe = read(stored.slice(prefix.length), setting)
      return recipe && { ...recipe, scheme: `django ${recipe.scheme}`, blank: prefix + recipe.blank }
    },
  }
}
