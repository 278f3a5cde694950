/** Reads what a browser brought back: every part is there, is base64url, and has a bound, before anything is computed with it. */
import type { BroughtBack } from './types.ts'

/** An answer to `navigator.credentials.get`. */
export interface Assertion {
  readonly id: string
  readonly challenge: string
  readonly clientDataJSON: string
  readonly authenticatorData: string
  readonly signature: string
  readonly userHandle: string | undefined
}

/** An answer to `navigator.credentials.create`. */
export interface Registration {
  readonly id: string
  readonly challenge: string
  readonly clientDataJSON: string
  readonly attestationObject: string
  readonly transports: readonly string[]
}

/** A credential's id has at most 1023 bytes (WebAuthn Level 3, 5.8.3); the rest is what authenticators make, with room to spare. */
const LONGEST = { id: 1364, clientDataJSON: 4096, data: 8192, userHandle: 128 } as const
const BASE64URL = /^[A-Za-z0-9_-]+$/
/** Those of WebAuthn Level 3, 5.8.4: what a later one is called is not ours to keep. */
const TRANSPORTS = new Set(['ble', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'])

/** Nothing for what no browser would send. */
export function readAssertion(given: BroughtBack): Assertion | undefined {
  const parts = readParts(given)
  if (parts === undefined) return undefined
  const { response } = parts
  const authenticatorData = text(response, 'authenticatorData', LONGEST.data)
  const signature = text(response, 'signature', LONGEST.data)
  const handle = member(response, 'userHandle')
  const userHandle = text(response, 'userHandle', LONGEST.userHandle)
  if (authenticatorData === undefined || signature === undefined) return undefined
  if (handle !== undefined && handle !== null && userHandle === undefined) return undefined
  return { ...parts.common, authenticatorData, signature, userHandle }
}

/** Nothing for what no browser would send. */
export function readRegistration(given: BroughtBack): Registration | undefined {
  const parts = readParts(given)
  const attestationObject = parts && text(parts.response, 'attestationObject', LONGEST.data)
  if (parts === undefined || attestationObject === undefined) return undefined
  const named = member(parts.response, 'transports')
  const transports = Array.isArray(named) ? [...TRANSPORTS].filter((one) => named.includes(one)) : []
  return { ...parts.common, attestationObject, transports }
}

function readParts(given: BroughtBack) {
  const id = text(given, 'id', LONGEST.id)
  const response = member(given, 'response')
  const clientDataJSON = text(response, 'clientDataJSON', LONGEST.clientDataJSON)
  if (id === undefined || clientDataJSON === undefined) return undefined
  if (member(given, 'rawId') !== id || member(given, 'type') !== 'public-key') return undefined
  const challenge = challengeOf(clientDataJSON)
  return challenge === undefined ? undefined : { response, common: { id, challenge, clientDataJSON } }
}

/** A page of ours is never in somebody else's frame, so an answer that was made in one was not made for us. */
function challengeOf(clientDataJSON: string): string | undefined {
  try {
    const data: unknown = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString())
    const challenge = member(data, 'challenge')
    return member(data, 'crossOrigin') !== true && typeof challenge === 'string' ? challenge : undefined
  } catch {
    return undefined
  }
}

function text(from: unknown, name: string, longest: number): string | undefined {
  const value = member(from, name)
  return typeof value === 'string' && value.length <= longest && BASE64URL.test(value) ? value : undefined
}

function member(from: unknown, name: string): unknown {
  return typeof from === 'object' && from !== null && Object.hasOwn(from, name) ? Reflect.get(from, name) : undefined
}
