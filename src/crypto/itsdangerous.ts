/**
 * Reads what Python's itsdangerous signed with a time: the session cookies of Flask, for a time of moving from it. The signature and the
 * age are looked at before anything else is; what is inflated is bounded. It signs nothing: there is no way back.
 * Source: itsdangerous 2.2, `Signer`, `TimestampSigner`, `URLSafeSerializerMixin`; RFC 2104; lesson L106 (one key for each purpose: the salt).
 */
import { createHash, createHmac } from 'node:crypto'
import { inflateSync } from 'node:zlib'
import { equal } from './equal.ts'
import { reveal, type Secret } from './secret.ts'

export interface SigningOptions {
  readonly secret: string | Secret
  readonly salt: string
  readonly keyDerivation: 'hmac' | 'concat' | 'django-concat' | 'none'
  readonly digest: 'sha1' | 'sha256' | 'sha512'
  /** How old a signature may be, in milliseconds. */
  readonly maxAge: number
}

/** `signedAt`: milliseconds. The reason is for the log. */
export type Unsigned =
  | { readonly ok: true; readonly value: Readonly<Record<string, unknown>>; readonly signedAt: number }
  | { readonly ok: false; readonly reason: 'malformed' | 'signature' | 'expired' }

const LONGEST = 8192
const LARGEST = 65_536
/** A clock of the other server may be a little ahead. */
const AHEAD = 60_000
const BASE64URL = /^[A-Za-z0-9_-]+$/
const MALFORMED = { ok: false, reason: 'malformed' } as const

/** Makes the reader: `payload.time.signature`, the payload as JSON, or with a dot before it as deflated JSON. */
export function createUnsigner(options: SigningOptions): (text: string, now: number) => Unsigned {
  const key = deriveKey(options)
  const { digest, maxAge } = options

  return (text, now) => {
    if (text.length > LONGEST) return MALFORMED
    const [beforeSignature, signature] = cutLast(text)
    const [payload, time] = cutLast(beforeSignature)
    if (!BASE64URL.test(signature) || !BASE64URL.test(time) || payload === '') return MALFORMED
    const expected = createHmac(digest, key).update(beforeSignature).digest('base64url')
    if (!equal(signature, expected)) return { ok: false, reason: 'signature' }
    const signedAt = Buffer.from(time, 'base64url').reduce((sum, byte) => sum * 256 + byte, 0) * 1000
    if (!Number.isSafeInteger(signedAt) || signedAt > now + AHEAD || signedAt + maxAge <= now)
      return { ok: false, reason: 'expired' }
    const value = readPayload(payload)
    return value === undefined ? MALFORMED : { ok: true, value, signedAt }
  }
}

function deriveKey({ secret, salt, keyDerivation, digest }: SigningOptions): Buffer {
  const text = reveal(secret)
  if (keyDerivation === 'none') return Buffer.from(text)
  if (keyDerivation === 'hmac') return createHmac(digest, text).update(salt).digest()
  const between = keyDerivation === 'django-concat' ? 'signer' : ''
  return createHash(digest).update(`${salt}${between}${text}`).digest()
}

function cutLast(text: string): [before: string, after: string] {
  const at = text.lastIndexOf('.')
  return at < 0 ? ['', ''] : [text.slice(0, at), text.slice(at + 1)]
}

/** It was signed, and is still read with care: whoever has the old secret may not have this process. */
function readPayload(payload: string): Readonly<Record<string, unknown>> | undefined {
  const deflated = payload.startsWith('.')
  const encoded = deflated ? payload.slice(1) : payload
  if (!BASE64URL.test(encoded)) return undefined
  try {
    const bytes = Buffer.from(encoded, 'base64url')
    const text = (deflated ? inflateSync(bytes, { maxOutputLength: LARGEST }) : bytes).toString()
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
