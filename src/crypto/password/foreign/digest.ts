/** What the formats of other systems have in common: comparing, writing over, and encodings of their own. */
import { timingSafeEqual } from 'node:crypto'
import type { Recipe, StoredPassword } from '../algorithm.ts'

/** A recipe as something to verify against. Never current: after a sign-in our own hash takes its place. */
export function asStored(recipe: Recipe): StoredPassword {
  return {
    current: false,
    recipe,
    async matches(password) {
      return isOneOf(recipe.digest, await recipe.digests(password))
    },
  }
}

/** Whether one of the digests is the expected one. All are compared. */
export function isOneOf(expected: Uint8Array, digests: readonly Uint8Array[]): boolean {
  let found = false
  for (const digest of digests) if (digest.length === expected.length && timingSafeEqual(digest, expected)) found = true
  return found
}

/** The stored text with the digest at its end written over: `A` is a digit of every encoding in use here. */
export function blanked(stored: string, digest: string): string {
  return stored.slice(0, stored.length - digest.length) + digest.replaceAll(/[^=]/g, 'A')
}

/** passlib's base64: `.` for `+`, no padding. Node's decoder takes standard base64 as well. */
export function fromAdaptedBase64(text: string): Buffer {
  return Buffer.from(text.replaceAll('.', '+'), 'base64')
}

/** Base64 of crypt(3): its own alphabet, and the low six bits first. */
export function cryptBase64(value: number, digits: number): string {
  let text = ''
  for (let left = value, digit = 0; digit < digits; digit++, left >>>= 6) text += CRYPT_ALPHABET[left & 63]!
  return text
}

export const CRYPT_ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
