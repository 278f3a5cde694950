/** A key management service in memory: wraps keys under a master key that it does not give away. For tests. */
import { createSecretKey, randomBytes } from 'node:crypto'
import { openBytes, sealBytes } from '../../src/crypto/seal.ts'
import type { KeyWrapper } from '../../src/secrets/envelope.ts'

export function keyWrapper(
  id = 'arn:test:key/1',
  master = createSecretKey(randomBytes(32)),
): KeyWrapper & { readonly asked: string[] } {
  const asked: string[] = []
  return {
    id,
    asked,
    async wrap(key, context) {
      asked.push(`wrap ${context}`)
      return Buffer.from(sealBytes(master, randomBytes(12), key, context))
    },
    async unwrap(wrapped, context) {
      asked.push(`unwrap ${context}`)
      const key = openBytes(master, Buffer.from(wrapped).toString(), context)
      if (typeof key === 'string') throw new Error('InvalidCiphertextException')
      return key
    },
  }
}
