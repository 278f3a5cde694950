/**
 * An authenticator made of software, for tests: it keeps keys, signs what it is asked, and misbehaves on request. What it gives is
 * what a browser would bring back (WebAuthn Level 3, 6.1 and 6.5.4; RFC 8949 for the few CBOR values that are needed).
 */
import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import type { Ceremony } from '../../src/accounts/passkeys/types.ts'

/** How it deviates from what it should do. */
export interface Misbehaviour {
  /** Where the page that asked is. */
  readonly origin?: string
  readonly rpId?: string
  /** Instead of the one it was asked. */
  readonly challenge?: string
  readonly type?: string
  /** Whether it knew its owner. @default what the options ask for, and yes when they would like it */
  readonly userVerified?: boolean
  readonly userPresent?: boolean
  readonly counter?: number
  readonly userHandle?: string | null
  readonly crossOrigin?: boolean
  /** Signs with this key instead of its own. */
  readonly key?: KeyObject
  /** At an enrolment: the credential id to claim. */
  readonly credentialId?: string
  /** At an enrolment: a statement instead of none. */
  readonly statement?: { readonly fmt: string; readonly attStmt: Readonly<Record<string, Cbor>> }
  readonly synced?: boolean
}

export interface Kept {
  readonly id: string
  readonly handle: string
  readonly key: KeyObject
  readonly synced: boolean
  counter: number
}

export interface BroughtBackJson {
  readonly id: string
  readonly rawId: string
  readonly type: string
  readonly clientExtensionResults: object
  readonly response: Readonly<Record<string, unknown>>
}

export interface SoftAuthenticator {
  readonly kept: Kept[]
  /** `navigator.credentials.create`. */
  create(ceremony: Ceremony, wrong?: Misbehaviour): BroughtBackJson
  /** `navigator.credentials.get`, with the newest key unless another is named. */
  get(ceremony: Ceremony, wrong?: Misbehaviour & { readonly use?: Kept }): BroughtBackJson
}

export interface SoftAuthenticatorOptions {
  readonly origin: string
  /** Whether it counts its signatures; passkeys of telephones do not. @default true */
  readonly counts?: boolean
  /** Whether its keys are copied to other devices. @default false */
  readonly synced?: boolean
}

type Cbor = number | string | Buffer | readonly Cbor[]

const FLAGS = { up: 0x01, uv: 0x04, be: 0x08, bs: 0x10, at: 0x40 }

/** A new one, with no keys. */
export function softAuthenticator({ origin, counts = true, synced = false }: SoftAuthenticatorOptions): SoftAuthenticator {
  const kept: Kept[] = []

  function clientData(type: string, { publicKey }: Ceremony, wrong: Misbehaviour): Buffer {
    const challenge = wrong.challenge ?? String(publicKey['challenge'])
    return Buffer.from(
      JSON.stringify({
        ...{ type: wrong.type ?? type, challenge, origin: wrong.origin ?? origin },
        crossOrigin: wrong.crossOrigin ?? false,
      }),
    )
  }

  function authenticatorData(
    rpId: string,
    counter: number,
    wrong: Misbehaviour,
    own: { synced: boolean; more?: Buffer },
  ): Buffer {
    const flags =
      (wrong.userPresent === false ? 0 : FLAGS.up) |
      (wrong.userVerified === false ? 0 : FLAGS.uv) |
      ((wrong.synced ?? own.synced) ? FLAGS.be | FLAGS.bs : 0) |
      (own.more ? FLAGS.at : 0)
    const count = Buffer.alloc(4)
    count.writeUInt32BE(wrong.counter ?? counter)
    return Buffer.concat([sha256(wrong.rpId ?? rpId), Buffer.from([flags]), count, own.more ?? Buffer.alloc(0)])
  }

  return {
    kept,

    create(ceremony, wrong = {}) {
      const { rp, user } = ceremony.publicKey as { rp: { id: string }; user: { id: string } }
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const id = wrong.credentialId ?? randomBytes(32).toString('base64url')
      const raw = Buffer.from(id, 'base64url')
      const length = Buffer.alloc(2)
      length.writeUInt16BE(raw.length)
      const more = Buffer.concat([Buffer.alloc(16), length, raw, coseOf(publicKey)])
      const one: Kept = { id, handle: user.id, key: wrong.key ?? privateKey, synced, counter: counts ? 1 : 0 }
      kept.push(one)
      const { fmt, attStmt } = wrong.statement ?? { fmt: 'none', attStmt: {} }
      const attestationObject = map([
        ['fmt', encode(fmt)],
        ['attStmt', map(Object.entries(attStmt).map(([name, value]) => [name, encode(value)]))],
        ['authData', encode(authenticatorData(rp.id, one.counter, wrong, { synced, more }))],
      ])
      return broughtBack(id, {
        clientDataJSON: clientData('webauthn.create', ceremony, wrong).toString('base64url'),
        attestationObject: attestationObject.toString('base64url'),
        transports: ['internal', 'hybrid', 'made-up'],
      })
    },

    get(ceremony, { use, ...wrong } = {}) {
      const one = use ?? kept.at(-1)
      if (one === undefined) throw new Error('This authenticator holds no key.')
      if (counts) one.counter += 1
      const { rpId } = ceremony.publicKey as { rpId: string }
      const data = clientData('webauthn.get', ceremony, wrong)
      const own = authenticatorData(rpId, one.counter, wrong, { synced: one.synced })
      const signature = sign('sha256', Buffer.concat([own, sha256(data)]), wrong.key ?? one.key)
      const userHandle = wrong.userHandle === undefined ? one.handle : wrong.userHandle
      return broughtBack(one.id, {
        clientDataJSON: data.toString('base64url'),
        authenticatorData: own.toString('base64url'),
        signature: signature.toString('base64url'),
        userHandle,
      })
    },
  }
}

function broughtBack(id: string, response: Readonly<Record<string, unknown>>): BroughtBackJson {
  return { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response }
}

function sha256(of: string | Buffer): Buffer {
  return createHash('sha256').update(of).digest()
}

/** A key of P-256 as COSE (RFC 9053, 7.1.1): kty EC2, alg ES256, crv P-256, x, y. */
function coseOf(key: KeyObject): Buffer {
  const { x, y } = key.export({ format: 'jwk' })
  const pairs: readonly (readonly [number, Cbor])[] = [
    [1, 2],
    [3, -7],
    [-1, 1],
    [-2, Buffer.from(x!, 'base64url')],
    [-3, Buffer.from(y!, 'base64url')],
  ]
  return Buffer.concat([head(5, pairs.length), ...pairs.flatMap(([name, value]) => [encode(name), encode(value)])])
}

function map(pairs: readonly (readonly [string, Buffer])[]): Buffer {
  return Buffer.concat([head(5, pairs.length), ...pairs.flatMap(([name, value]) => [encode(name), value])])
}

function encode(value: Cbor): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value)
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value])
  return Buffer.concat([head(4, value.length), ...value.map(encode)])
}

/** Major type and argument (RFC 8949, section 3). */
function head(major: number, argument: number): Buffer {
  if (argument < 24) return Buffer.from([(major << 5) | argument])
  if (argument < 256) return Buffer.from([(major << 5) | 24, argument])
  return Buffer.from([(major << 5) | 25, argument >> 8, argument & 0xff])
}
