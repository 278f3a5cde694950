/**
 * Work that is a little dear to do and costs one hash to check: find a text so that the SHA-256 of `{challenge}.{text}` begins with so
 * many zero bits. It slows a flood down; it proves nothing about who does it, and special hardware does it much faster than a browser.
 * Source: hashcash (A. Back, 2002); OWASP Credential Stuffing Prevention Cheat Sheet ("Degrading the attacker's capabilities").
 */
import { hash } from 'node:crypto'

/** What a browser brings; longer is none. */
const SOLUTION = /^[0-9a-z]{1,16}$/

/** Whether this text is a solution. Each bit more doubles the work. */
export function isSolution(challenge: string, solution: string, bits: number): boolean {
  return SOLUTION.test(solution) && leadingZeros(hash('sha256', `${challenge}.${solution}`, 'buffer')) >= bits
}

function leadingZeros(bytes: Uint8Array): number {
  const first = bytes.findIndex((byte) => byte !== 0)
  return first < 0 ? bytes.length * 8 : first * 8 + Math.clz32(bytes[first]!) - 24
}
