/**
 * SHA-256, for what is stored instead of a secret: ids of sessions, links, codes and keys.
 * Only for text with full entropy; passwords go to `password/hasher.ts`. Source: FIPS 180-4, OWASP ASVS 5.0 11.4.1.
 */
import { hash } from 'node:crypto'

/** The SHA-256 of the UTF-8 text, or of the bytes, as base64url without padding: 43 characters. */
export function sha256(text: string | Uint8Array): string {
  return hash('sha256', text, 'base64url')
}
