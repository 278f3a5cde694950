/**
 * Whether a key looks like something a person typed or copied, instead of 32 random bytes (CWE-321, CWE-1394).
 * A random key is refused with a chance below one in a billion, and `generateKey` never gives one that is.
 * Source: OWASP ASVS 5.0 13.3.1, 11.2.3; the idea of refusing at start-up: Django's check security.W009.
 */

const FEWEST_BYTES = 32
const FEWEST_DISTINCT = 16 // 32 random bytes have about 30 distinct ones; fewer than 16 does not happen
const SPECIMENS = [
  'changeme',
  'change-me',
  'change_me',
  'password',
  'default',
  'example',
  'insecure',
  'mysecret',
  'placeholder',
  'holdfast',
]

/** Why the key is too weak, as the end of a sentence ("it …"), or `undefined` when nothing speaks against it. */
export function keyWeakness(text: string, bytes: Uint8Array): string | undefined {
  if (bytes.length < FEWEST_BYTES) return `has ${bytes.length} bytes, and ${FEWEST_BYTES} is the least`
  const lower = text.toLowerCase()
  if (SPECIMENS.some((word) => lower.includes(word))) return 'contains a word of sample configurations, so others know it'
  if (new Set(bytes).size < FEWEST_DISTINCT || new Set(text).size < FEWEST_DISTINCT)
    return 'repeats a few characters, so it can be guessed'
  if (text === lower || text === text.toUpperCase()) return 'has letters of one case only, so it looks typed and not random'
  if (bytes.every((byte) => byte >= 0x20 && byte < 0x7f)) return 'is readable text when decoded, so it looks typed and not random'
  if (isSequence(bytes)) return 'counts up or down, so it can be guessed'
  return undefined
}

function isSequence(bytes: Uint8Array): boolean {
  const step = (bytes[1] ?? 0) - (bytes[0] ?? 0)
  for (let i = 1; i < bytes.length; i++) if ((((bytes[i] ?? 0) - (bytes[i - 1] ?? 0) - step) & 255) !== 0) return false
  return true
}
