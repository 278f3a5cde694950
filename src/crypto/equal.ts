/**
 * Comparing a given text with a secret one, without telling by the time taken where they differ (CWE-208).
 * Source: OWASP ASVS 5.0 11.2.4.
 */
import { timingSafeEqual } from 'node:crypto'

/**
 * Whether both texts are the same. The time depends on each length alone, never on what the texts contain or whether
 * their lengths agree; no length throws. What is secret should have a length that is not.
 */
export function equal(a: string, b: string): boolean {
  const left = Buffer.from(a)
  const right = Buffer.from(b)
  const sameLength = left.length === right.length
  // With different lengths the second is compared with itself: the same work, and the answer is no anyway.
  const sameBytes = timingSafeEqual(sameLength ? left : right, right)
  // UTF-8 writes every lone surrogate as U+FFFD, so equal bytes may come from unequal texts. Nothing secret is left to tell here.
  return sameLength && sameBytes && a === b
}
