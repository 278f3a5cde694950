/**
 * A proof of a device: a JWT that it signed with a key it keeps. The algorithm is pinned to the key, and only two are taken: `none`, which
 * the draft knows, proves nothing. Source: W3C, Device Bound Session Credentials, "DBSC Proof JWT Syntax"; RFC 8725 section 3; L97.
 */
import type { JWK } from 'jose'

/** A public key, as it is stored. */
interface DeviceKey {
  readonly alg: 'ES256' | 'RS256'
  readonly jwk: JWK
}

/** What a proof turned out to be. `key` as JSON, to store. */
export type DeviceProof = { readonly ok: true; readonly challenge: string; readonly key: string } | { readonly ok: false }

const NO: DeviceProof = { ok: false }
const LONGEST = 4096
const PROOF = /^"?([\w-]+\.[\w-]+\.[\w-]+)"?$/

/** Verifies with the key that the proof itself brings: for a session that has none yet. */
export async function readFirstProof(header: string | undefined): Promise<DeviceProof> {
  const text = proofText(header)
  if (text === undefined) return NO
  const key = await keyIn(text)
  return key === undefined ? NO : await verify(text, key)
}

/** Verifies with the key that was stored, whatever the proof says of keys. */
export async function readProof(header: string | undefined, stored: string): Promise<DeviceProof> {
  const text = proofText(header)
  const key: DeviceKey = JSON.parse(stored)
  return text === undefined ? NO : await verify(text, key)
}

/** A structured string, or the bare text, as some browsers send it. */
function proofText(header: string | undefined): string | undefined {
  return header === undefined || header.length > LONGEST ? undefined : PROOF.exec(header)?.[1]
}

/** The public part alone, and of the kinds that are taken. */
async function keyIn(text: string): Promise<DeviceKey | undefined> {
  const { decodeProtectedHeader } = await import('jose')
  try {
    const { alg, jwk } = decodeProtectedHeader(text)
    if (typeof jwk !== 'object') return undefined
    const { kty, crv, x, y, n, e } = jwk
    if (alg === 'ES256' && kty === 'EC' && crv === 'P-256' && x && y) return { alg, jwk: { kty, crv, x, y } }
    if (alg === 'RS256' && kty === 'RSA' && n && e) return { alg, jwk: { kty, n, e } }
    return undefined
  } catch {
    return undefined
  }
}

async function verify(text: string, key: DeviceKey): Promise<DeviceProof> {
  const { compactVerify, importJWK } = await import('jose')
  try {
    const { payload, protectedHeader } = await compactVerify(text, await importJWK(key.jwk, key.alg), { algorithms: [key.alg] })
    const claims: unknown = JSON.parse(Buffer.from(payload).toString())
    const challenge: unknown = typeof claims === 'object' && claims !== null ? Reflect.get(claims, 'jti') : undefined
    if (protectedHeader.typ !== 'dbsc+jwt' || typeof challenge !== 'string') return NO
    return { ok: true, challenge, key: JSON.stringify(key) }
  } catch {
    return NO
  }
}
