/** Hashing that costs nothing and counts: how many passwords were really looked at. */
import type { HasherOptions } from '../../src/crypto/password/hasher.ts'

export interface CountedHashing {
  readonly hashing: HasherOptions
  count(): number
}

export function counted(): CountedHashing {
  let count = 0
  const insecureParameters = { memory: 64, passes: 1, parallelism: 1 }
  return { hashing: { insecureParameters, onWork: () => void count++ }, count: () => count }
}
