/**
 * Authenticated encryption with AES-256-GCM: what is sealed can neither be read nor changed without the key.
 * A sealed text is base64url of nonce (12 bytes), ciphertext and tag (16 bytes).
 * Source: NIST SP 800-38D; RFC 5116 section 5.2. One key may seal 2^32 texts (SP 800-38D section 8.3), so a purpose that
 * seals more than that between two rotations needs keys that rotate sooner.
 */
import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto'

const NONCE = 12
const TAG = 16
const ALGORITHM = 'aes-256-gcm'
const BASE64URL = /^[A-Za-z0-9_-]+$/

/** Seals the bytes. `associated` is not hidden, but opening needs exactly the same. The nonce must be 12 fresh random bytes. */
export function sealBytes(key: KeyObject, nonce: Uint8Array, plaintext: string | Uint8Array, associated: string): string {
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG })
  cipher.setAAD(Buffer.from(associated))
  const body = cipher.update(typeof plaintext === 'string' ? Buffer.from(plaintext) : plaintext)
  return Buffer.concat([nonce, body, cipher.final(), cipher.getAuthTag()]).toString('base64url')
}

/** Opens what `sealBytes` made: the plaintext, or why it cannot be opened. Nothing of it is given before the tag has proved it. */
export function openBytes(key: KeyObject, sealed: string, associated: string): Buffer | 'malformed' | 'mismatch' {
  if (!BASE64URL.test(sealed)) return 'malformed'
  const bytes = Buffer.from(sealed, 'base64url')
  if (bytes.length < NONCE + TAG || bytes.toString('base64url') !== sealed) return 'malformed' // one spelling only
  const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE), { authTagLength: TAG })
  decipher.setAAD(Buffer.from(associated))
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG))
  const body = decipher.update(bytes.subarray(NONCE, bytes.length - TAG))
  try {
    return Buffer.concat([body, decipher.final()])
  } catch {
    body.fill(0)
    return 'mismatch'
  }
}
