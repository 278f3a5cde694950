/**
 * HMAC-SHA256: proof that a text was made by someone who has the key. Source: RFC 2104, FIPS 198-1.
 * To sign for one purpose with keys that rotate, use `KeyRing.sign` instead.
 */
import { createHmac, type KeyObject } from 'node:crypto'

/** The HMAC-SHA256 of the UTF-8 text as base64url, 43 characters. A `KeyObject` (`createSecretKey`) is seven times as fast as bytes. */
export function hmac(key: KeyObject | Uint8Array, text: string | Uint8Array): string {
  return createHmac('sha256', key).update(text).digest('base64url')
}

/** The same as 32 bytes. */
export function hmacBytes(key: KeyObject | Uint8Array, text: string | Uint8Array): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
