/**
 * Argon2id over the digest of another system, `$hf-wrap$base64url(salt and cost of the old one)$argon2id$…`: a database of weak hashes is
 * strong at once, without waiting for everybody to sign in. The sign-in then makes a plain one.
 * Source: OWASP Password Storage Cheat Sheet, "Upgrading Legacy Hashes".
 */
import type { PasswordFormat, PasswordSetting } from './algorithm.ts'
import { argon2id } from './argon2id.ts'
import { readForeign } from './foreign/index.ts'

const SHAPE = /^\$hf-wrap\$([A-Za-z0-9_-]{8,700})(\$argon2id\$.+)$/

export const wrapped: PasswordFormat = {
  id: 'hf-wrap',
  read(stored, setting) {
    const found = SHAPE.exec(stored)
    if (!found) return undefined
    const [, encoded = '', outerText = ''] = found
    const inner = readForeign(Buffer.from(encoded, 'base64url').toString(), setting)
    const outer = argon2id.read(outerText, setting)
    if (!inner || !outer) return undefined
    return {
      current: false,
      recipe: inner,
      async matches(password) {
        let ok = false
        for (const digest of await inner.digests(password)) if (await outer.matches(digest)) ok = true
        return ok
      },
    }
  },
}

/** The wrapped form of a stored hash; `undefined` when it is our own already, or cannot be read. */
export async function wrap(stored: string, setting: PasswordSetting): Promise<string | undefined> {
  if (stored.startsWith('$argon2id$') || stored.startsWith('$hf-wrap$')) return undefined
  const recipe = readForeign(stored, setting)
  if (!recipe) return undefined
  const outer = await argon2id.hash(recipe.digest, setting)
  return `$hf-wrap$${Buffer.from(recipe.blank).toString('base64url')}${outer}`
}
