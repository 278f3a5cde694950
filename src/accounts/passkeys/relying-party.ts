/**
 * Asks authenticators and checks their answers, by @simplewebauthn/server: origin, relying party, presence, verification, signature.
 * Attestation is not asked for and not taken: a statement with certificates would make the server fetch lists from wherever they say.
 * Source: WebAuthn Level 3, 7.1 and 7.2; OWASP ASVS 5.0 6.5.
 */
import type * as Library from '@simplewebauthn/server'
import type { decodeAttestationObject } from '@simplewebauthn/server/helpers'
import { HoldfastError } from '../../engine/errors.ts'
import type { Assertion, Registration } from './brought-back.ts'
import { CHALLENGE_LIFE } from './challenges.ts'
import type { Ceremony, PasskeyPurpose } from './types.ts'

/** What is used of the library. */
export interface WebAuthn extends Pick<
  typeof Library,
  'generateAuthenticationOptions' | 'generateRegistrationOptions' | 'verifyAuthenticationResponse' | 'verifyRegistrationResponse'
> {
  readonly decodeAttestationObject: typeof decodeAttestationObject
}

/** Who asks. */
export interface PartyOptions {
  /** The domain that passkeys are bound to: the host of the origin, or a domain above it. */
  readonly id: string
  /** What people read in the authenticator. */
  readonly name: string
  /** The one origin that answers may come from. */
  readonly origin: string
}

/** What an authenticator knows of a credential. */
export interface Descriptor {
  readonly id: string
  readonly transports: readonly string[]
}

/** What a right answer says. */
export interface Asserted {
  readonly counter: number
  readonly userVerified: boolean
  readonly synced: boolean
  readonly backedUp: boolean
}

export interface Registered extends Asserted {
  readonly credentialId: string
  /** COSE, base64url. */
  readonly publicKey: string
  readonly aaguid: string
}

/** Whose name an authenticator shows beside the passkey. */
interface Named {
  readonly handle: string
  readonly login: string
  readonly name: string
}

export interface RelyingParty {
  readonly id: string
  /** Asks for a signature; without `allow` the authenticator looks for a passkey itself. */
  ask(challenge: string, userVerification: 'required' | 'preferred', allow?: readonly Descriptor[]): Promise<Ceremony>
  askToEnrol(challenge: string, purpose: PasskeyPurpose, user: Named, exclude: readonly Descriptor[]): Promise<Ceremony>
  /** `undefined` for whatever is wrong with it. The counter is the caller's to judge. */
  verify(assertion: Assertion, publicKey: string, needsVerification: boolean): Promise<Asserted | undefined>
  verifyNew(registration: Registration, purpose: PasskeyPurpose): Promise<Registered | undefined>
}

const TIMEOUT = CHALLENGE_LIFE - 60_000
/** Ed25519, ES256, RS256 (RFC 9053, RFC 8812): what authenticators have. */
const ALGORITHMS = [-8, -7, -257]

/** Loads the library. Throws HF_OPTION_INVALID when it is not installed. */
export async function loadWebAuthn(load: () => Promise<WebAuthn> = importLibrary): Promise<WebAuthn> {
  return await load().catch((cause: unknown) => {
    throw notInstalled(cause)
  })
}

/**
 * A relying party whose library is loaded when the first passkey is asked for: it takes 27 MiB, which a process that meets none never
 * needs. That it is installed is looked at now. Throws HF_OPTION_INVALID.
 */
export function relyingPartyLater(
  options: PartyOptions,
  resolve: (name: string) => unknown = (name) => import.meta.resolve(name),
): RelyingParty {
  try {
    resolve('@simplewebauthn/server')
  } catch (cause) {
    throw notInstalled(cause)
  }
  let loaded: Promise<RelyingParty> | undefined
  const party = () => (loaded ??= loadWebAuthn().then((library) => relyingParty(options, library)))
  return {
    id: options.id,
    ask: async (...asked) => (await party()).ask(...asked),
    askToEnrol: async (...asked) => (await party()).askToEnrol(...asked),
    verify: async (...given) => (await party()).verify(...given),
    verifyNew: async (...given) => (await party()).verifyNew(...given),
  }
}

function notInstalled(cause: unknown): HoldfastError {
  const message = 'signIn.passkey is on, but the package "@simplewebauthn/server" is not installed.'
  return new HoldfastError('HF_OPTION_INVALID', message, { fix: 'Run: npm install @simplewebauthn/server', cause })
}

async function importLibrary(): Promise<WebAuthn> {
  const server = await import('@simplewebauthn/server')
  const { decodeAttestationObject } = await import('@simplewebauthn/server/helpers')
  return { ...server, decodeAttestationObject }
}

/** Makes it. What the library throws is its way to say no. */
export function relyingParty({ id, name, origin }: PartyOptions, library: WebAuthn): RelyingParty {
  return {
    id,

    async ask(challenge, userVerification, allow = []) {
      const bytes = bytesOf(challenge)
      const allowCredentials = allow.map(descriptorOf)
      const more = allow.length > 0 ? { allowCredentials } : {}
      const publicKey = await library.generateAuthenticationOptions({
        ...{ rpID: id, challenge: bytes, timeout: TIMEOUT, userVerification },
        ...more,
      })
      return { publicKey: { ...publicKey } }
    },

    async askToEnrol(challenge, purpose, user, exclude) {
      const alone = purpose === 'passkey'
      const publicKey = await library.generateRegistrationOptions({
        rpID: id,
        rpName: name,
        challenge: bytesOf(challenge),
        userID: bytesOf(user.handle),
        userName: user.login,
        userDisplayName: user.name,
        timeout: TIMEOUT,
        attestationType: 'none',
        supportedAlgorithmIDs: ALGORITHMS,
        excludeCredentials: exclude.map(descriptorOf),
        authenticatorSelection: alone
          ? { residentKey: 'required', userVerification: 'required' }
          : { residentKey: 'discouraged', userVerification: 'preferred' },
      })
      return { publicKey: { ...publicKey } }
    },

    async verify({ id: credential, challenge, clientDataJSON, authenticatorData, signature }, publicKey, needsVerification) {
      const response = { clientDataJSON, authenticatorData, signature }
      const answer = await orNothing(
        library.verifyAuthenticationResponse({
          response: { id: credential, rawId: credential, type: 'public-key', clientExtensionResults: {}, response },
          expectedChallenge: challenge,
          expectedOrigin: origin,
          expectedRPID: id,
          requireUserVerification: needsVerification,
          // Judged by whoever knows whether it is a copy; see factors/passkey.ts.
          credential: { id: credential, publicKey: bytesOf(publicKey), counter: -1 },
        }),
      )
      return answer?.verified === true ? assertedOf(answer.authenticationInfo.newCounter, answer.authenticationInfo) : undefined
    },

    async verifyNew(registration, purpose) {
      const { id: credential, challenge, clientDataJSON, attestationObject } = registration
      if (!isBare(attestationObject)) return undefined
      const answer = await orNothing(
        library.verifyRegistrationResponse({
          response: {
            ...{ id: credential, rawId: credential, type: 'public-key', clientExtensionResults: {} },
            response: { clientDataJSON, attestationObject },
          },
          expectedChallenge: challenge,
          expectedOrigin: origin,
          expectedRPID: id,
          requireUserVerification: purpose === 'passkey',
          supportedAlgorithmIDs: ALGORITHMS,
        }),
      )
      const info = answer?.verified === true ? answer.registrationInfo : undefined
      if (info === undefined || info.credential.id !== credential) return undefined
      const publicKey = Buffer.from(info.credential.publicKey).toString('base64url')
      return { ...assertedOf(info.credential.counter, info), credentialId: credential, publicKey, aaguid: info.aaguid }
    },
  }

  /** No statement, or the one that an authenticator made of its own key: nothing that names a certificate. */
  function isBare(attestationObject: string): boolean {
    try {
      const decoded = library.decodeAttestationObject(bytesOf(attestationObject))
      const format = decoded.get('fmt')
      return format === 'none' || (format === 'packed' && decoded.get('attStmt').get('x5c') === undefined)
    } catch {
      return false
    }
  }
}

interface Told {
  readonly userVerified: boolean
  readonly credentialDeviceType: Library.CredentialDeviceType
  readonly credentialBackedUp: boolean
}

function assertedOf(counter: number, { userVerified, credentialDeviceType, credentialBackedUp }: Told): Asserted {
  return { counter, userVerified, synced: credentialDeviceType === 'multiDevice', backedUp: credentialBackedUp }
}

function descriptorOf({ id, transports }: Descriptor): { id: string; transports?: string[] } {
  return transports.length > 0 ? { id, transports: [...transports] } : { id }
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, 'base64url'))
}

async function orNothing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch {
    return undefined
  }
}
