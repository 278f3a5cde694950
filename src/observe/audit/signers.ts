/**
 * Who signs checkpoints: an Ed25519 key derived from each key of the ring. All of them sign, so that whoever holds the public key of
 * an older one can go on verifying while the ring is rotated; nothing but the ring has to be kept secret.
 */
import { createPrivateKey, createPublicKey } from 'node:crypto'
import type { KeyRing } from '../../crypto/keyring.ts'
import { verifierText, type NoteSigner } from './note.ts'

export const AUDIT_PURPOSE = 'audit/checkpoint'
/** RFC 8410: what stands before the 32 bytes of a private Ed25519 key. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** `host` is the site's: part of the name of the key, and of the origin of each chain. */
export function createSigners(keys: Pick<KeyRing, 'ids' | 'subkey'>, host: string): readonly NoteSigner[] {
  const name = `${host}/holdfast-audit`
  return keys.ids.map((keyId) => {
    const seed = keys.subkey(AUDIT_PURPOSE, keyId)!
    const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' })
    seed.fill(0)
    const key = createPublicKey(privateKey)
    return { name, key, privateKey, ...verifierText(name, key) }
  })
}

/** What a chain is called in its checkpoints. */
export function originOf(host: string, chain: string): string {
  return `${host}/holdfast-audit/${chain}`
}
