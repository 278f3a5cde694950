/** Texts of a storage, sealed with the key ring under their own name: who copies the storage has no key, and cannot exchange two texts. */
import type { KeyRing, Parts } from '../../crypto/keyring.ts'
import type { CertificateStorage } from './storage.ts'

export interface Sealed {
  /** The value; `undefined` when there is none. Throws when it cannot be opened. */
  read(name: SealedName): Promise<unknown>
  write(name: SealedName, value: unknown): Promise<void>
  /** Whether an older key has sealed something of it. */
  isOlder(): Promise<boolean>
  /** Seals anew what an older key has sealed, so that it can retire. For who holds the lock: what others write meanwhile would be lost. */
  renew(): Promise<void>
}

/** THE LIST of what is kept. What is not in it stays under the key that sealed it, and is lost with that. */
export const SEALED_NAMES = ['account', 'certificate', 'challenges', 'renewal'] as const
export type SealedName = (typeof SEALED_NAMES)[number]

export const SEALED_PURPOSE = 'tls'

/** What is bound into the text of that name. */
export function sealedData(name: string): Parts {
  return name
}

export function sealed(storage: CertificateStorage, keys: KeyRing): Sealed {
  const write = async (name: SealedName, value: unknown): Promise<void> =>
    await storage.write(name, keys.seal(SEALED_PURPOSE, JSON.stringify(value), sealedData(name)))

  async function read(name: SealedName): Promise<unknown> {
    const text = await storage.read(name)
    if (text === undefined) return undefined
    const opened = keys.open(SEALED_PURPOSE, text, sealedData(name))
    if (opened.ok) return JSON.parse(opened.plaintext.toString()) as unknown
    throw new Error(
      `What is stored as "${name}" cannot be opened (${opened.reason}). Give the key ring that sealed it, or run "holdfast tls renew --new-account", and it is made anew.`,
    )
  }

  async function older(): Promise<readonly SealedName[]> {
    const texts = await Promise.all(SEALED_NAMES.map(async (name) => [name, await storage.read(name)] as const))
    return texts.flatMap(([name, text]) => (text === undefined || text.startsWith(`${keys.current}.`) ? [] : name))
  }

  return {
    read,
    write,
    isOlder: async () => (await older()).length > 0,
    async renew() {
      for (const name of await older()) await write(name, await read(name))
    },
  }
}
