/**
 * The token of a form: proof that the page it came from was rendered for this very session.
 * An HMAC of what it is bound to, under a new mask each time it is written: a page's compressed size tells nothing of it (BREACH).
 * Source: OWASP Cross-Site Request Forgery Prevention Cheat Sheet, "HMAC based token pattern".
 */
import type { KeyRing } from '../../crypto/keyring.ts'

/** What a token is for: a kind and its secret, kept apart by the key ring whatever they contain. */
export type Binding = readonly [kind: 'session' | 'form', value: string]

/** A binding's HMAC, `keyId.mac`: what a page hides under a mask. Good for all forms of one page. */
export type Signed = string

export interface FormTokens {
  sign(binding: Binding): Signed
  /** `keyId.` and 64 bytes as base64url: a mask, and the masked HMAC. Differs at each call. */
  mask(signed: Signed): string
  /** Whether `token` was made for `binding`, with any key of the ring. */
  verify(binding: Binding, token: string): boolean
}

const PURPOSE = 'csrf'
const BYTES = 32
const SHAPE = /^[\w-]{1,32}\.[\w-]{86}$/

export function createFormTokens(keys: KeyRing, random: (bytes: number) => string): FormTokens {
  return {
    sign: (binding) => keys.sign(PURPOSE, binding),
    mask(signed) {
      const dot = signed.indexOf('.')
      const bytes = Buffer.alloc(2 * BYTES)
      bytes.write(random(BYTES), 0, BYTES, 'base64url')
      bytes.write(signed.slice(dot + 1), BYTES, BYTES, 'base64url')
      for (let index = 0; index < BYTES; index++) bytes[BYTES + index]! ^= bytes[index]!
      return `${signed.slice(0, dot)}.${bytes.toString('base64url')}`
    },
    verify(binding, token) {
      if (!SHAPE.test(token)) return false
      const dot = token.indexOf('.')
      const bytes = Buffer.from(token.slice(dot + 1), 'base64url')
      for (let index = 0; index < BYTES; index++) bytes[BYTES + index]! ^= bytes[index]!
      return keys.verify(PURPOSE, binding, `${token.slice(0, dot)}.${bytes.toString('base64url', BYTES)}`).ok
    },
  }
}
