/** Texts of a storage, sealed with the key ring under their own name: who copies the storage has no key, and cannot exchange two texts. */
import type { KeyRing } from '../../crypto/keyring.ts'
import type { CertificateStorage } from './storage.ts'

export interface Sealed {
  /** The value; `undefined` when there is none. Throws when it cannot be opened. */
  read(name: string): Promise<unknown>
  write(name: string, value: unknown): Promise<void>
}

const PURPOSE = 'tls'

/** What is read that an older key has sealed is sealed anew at once, so that the older one can retire. */
export function sealed(storage: CertificateStorage, keys: KeyRing): Sealed {
  const write = async (name: string, value: unknown): Promise<void> =>
    await storage.write(name, keys.seal(PURPOSE, JSON.stringify(value), name))
  return {
    write,
    async read(name) {
      const text = await storage.read(name)
      if (text === undefined) return undefined
      const opened = keys.open(PURPOSE, text, name)
      if (!opened.ok)
        throw new Error(
          `What is stored as "${name}" cannot be opened (${opened.reason}). Give the key ring that sealed it, or delete it, and it is made anew.`,
        )
      const value: unknown = JSON.parse(opened.plaintext.toString())
      if (opened.keyId !== keys.current) await write(name, value)
      return value
    },
  }
}
