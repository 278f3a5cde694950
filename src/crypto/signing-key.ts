/**
 * Keys that sign tokens: a pair of which the private half never leaves this process in the clear. Each is for one algorithm, so that
 * nothing in a token can choose another (CVE-2022-29217, CVE-2024-37568).
 * Sources: RFC 8037 (Ed25519), RFC 7518 section 3.4 (ES256), RFC 7517 (JWK), RFC 7638 (thumbprint), RFC 8725 section 3.1.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'

/** `EdDSA` is Ed25519, `ES256` is ECDSA on P-256. */
export type SigningAlgorithm = 'EdDSA' | 'ES256'

/** The public half, as it is published. */
export interface PublicJwk {
  readonly kty: string
  readonly crv: string
  readonly x: string
  readonly y?: string
  readonly kid: string
  readonly alg: SigningAlgorithm
  readonly use: 'sig'
}

export interface SigningKey {
  /** Thumbprint of the public half: what a token names it by. */
  readonly id: string
  readonly algorithm: SigningAlgorithm
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  readonly jwk: PublicJwk
}

export const SIGNING_ALGORITHMS: readonly SigningAlgorithm[] = ['EdDSA', 'ES256']

/** A new private key (PKCS #8, DER). It is to be sealed before it is stored. */
export function generateSigningKey(algorithm: SigningAlgorithm): Buffer {
  const { privateKey } =
    algorithm === 'EdDSA' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ type: 'pkcs8', format: 'der' })
}

/** Reads what `generateSigningKey` made; the public half follows from the private one, so nobody can plant another. */
export async function readSigningKey(algorithm: SigningAlgorithm, der: Buffer): Promise<SigningKey> {
  const privateKey = createPrivateKey({ key: der, type: 'pkcs8', format: 'der' })
  const publicKey = createPublicKey(privateKey)
  const { kty, crv, x, y } = publicKey.export({ format: 'jwk' })
  const curve = algorithm === 'EdDSA' ? 'Ed25519' : 'P-256'
  if (kty === undefined || x === undefined || crv !== curve)
    throw new Error(`A signing key for ${algorithm} is of another kind: ${crv ?? kty ?? 'unknown'}.`)
  const bare = { kty, crv, x, ...(y !== undefined && { y }) }
  // Loaded by those who sign: it takes 15 MiB.
  const { calculateJwkThumbprint } = await import('jose')
  const id = await calculateJwkThumbprint(bare)
  return { id, algorithm, privateKey, publicKey, jwk: { ...bare, kid: id, alg: algorithm, use: 'sig' } }
}
