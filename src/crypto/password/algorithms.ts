/**
 * THE LIST of password hash formats. The first makes new hashes; all are read, and what another one made is made again at the
 * next sign-in. To add one of our own: a file with a `PasswordFormat`, and a line here; one of another system: `foreign/index.ts`.
 */
import type { PasswordAlgorithm, PasswordFormat, PasswordSetting, StoredPassword } from './algorithm.ts'
import { argon2id } from './argon2id.ts'
import { asStored } from './foreign/digest.ts'
import { readForeign } from './foreign/index.ts'
import { wrapped } from './wrapped.ts'

export const preferred: PasswordAlgorithm = argon2id
export const algorithms: readonly PasswordFormat[] = [argon2id, wrapped]

const LONGEST_STORED = 1024

/** Reads a stored hash by its `$id$`, or by the shape that another system gave it. `undefined` when it cannot be verified. */
export function readStored(stored: string, setting: PasswordSetting): StoredPassword | undefined {
  if (stored.length > LONGEST_STORED) return undefined
  const own = algorithms.find(({ id }) => stored.startsWith(`$${id}$`))
  if (own) return own.read(stored, setting)
  const recipe = readForeign(stored, setting)
  return recipe && asStored(recipe)
}
