/**
 * How an access token is written and read: a JWT of RFC 9068, signed by `jose`, with one algorithm for each key. What a token says of
 * how it should be verified is not listened to: algorithms, keys and addresses of keys in it are refused (lesson L97).
 * Sources: RFC 9068, RFC 8725 (JWT Best Current Practices), RFC 7515 section 4.1; CVE-2022-29217, CVE-2026-34950, CVE-2026-45363.
 */
import type * as Jose from 'jose'
import type { SigningKey } from '../../crypto/signing-key.ts'
import { HoldfastError } from '../../engine/errors.ts'
import type { AccessTokenFound } from './app-types.ts'

/** What an access token says. Times in whole seconds. */
export interface Claims {
  readonly sub: string
  /** What `sub` names: never a program by the id of a person (L99; CVE-2026-39976). */
  readonly kind: 'person'
  /** The app, see `App.id`. */
  readonly sid: string
  readonly jti: string
  readonly iat: number
  readonly exp: number
  readonly auth_time: number
  readonly amr: readonly string[]
  /** `aal1` or `aal2`. */
  readonly acr: string
  readonly scope: string
  readonly client_id: string
  /** The user's epoch: when what they may do changes, tokens from before are void. */
  readonly epoch: number
  /** The one tenant in which `scope` holds; absent: it holds in the application, and in no tenant. */
  readonly tenant_id?: string
}

/** What a reader has to know of a token: the rest is read from the database. */
export type ReadClaims = Pick<Claims, 'sub' | 'sid' | 'epoch' | 'exp'>

export type Read =
  | { readonly ok: true; readonly claims: ReadClaims }
  | { readonly ok: false; readonly reason: Extract<AccessTokenFound, { ok: false }>['reason'] }

interface Reading {
  readonly issuer: string
  readonly audience: string
  readonly now: number
  readonly keyOf: (id: string) => Promise<SigningKey | undefined>
}

export const ACCESS_TYPE = 'at+jwt'
export const LONGEST_LIFE = 3_600_000
const LONGEST = 8192
const SHAPE = /^[A-Za-z0-9_-]{2,}\.[A-Za-z0-9_-]{2,}\.[A-Za-z0-9_-]{2,}$/
const ID = /^[A-Za-z0-9_-]{1,64}$/
/** Loaded by those who have tokens: it takes 15 MiB. */
const jose = () => import('jose')
/** Clocks of two processes differ; a token from further ahead was not made by one of ours. */
const AHEAD = 60
const HEADER = ['alg', 'kid', 'typ']
/** What the token needs for itself, and `nbf`, by which it could be made to look valid later than it is. */
const RESERVED = [
  'iss',
  'aud',
  'nbf',
  'sub',
  'kind',
  'sid',
  'jti',
  'iat',
  'exp',
  'auth_time',
  'amr',
  'acr',
  'scope',
  'client_id',
  'epoch',
  'tenant_id',
]

/** Whether it has the form of a JWT, and can be looked at. */
export function isJwt(text: string): boolean {
  return text.length <= LONGEST && SHAPE.test(text)
}

/** What the token says of who made it, before anything is verified: to tell ours from those of another issuer. */
export function claimsToBeFrom(text: string, issuer: string): boolean {
  if (!isJwt(text)) return false
  try {
    const [header, payload] = text.split('.', 2).map((part): unknown => JSON.parse(Buffer.from(part, 'base64url').toString()))
    return valueOf(header, 'typ') === ACCESS_TYPE && valueOf(payload, 'iss') === issuer
  } catch {
    return false
  }
}

/** Throws HF_OPTION_INVALID for a claim of the application's own that the token needs for itself (CVE-2024-29892). */
export async function signAccess(
  key: SigningKey,
  { issuer, audience }: Pick<Reading, 'issuer' | 'audience'>,
  claims: Claims,
  custom: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  for (const name of Object.keys(custom)) {
    if (!RESERVED.includes(name)) continue
    throw new HoldfastError(
      'HF_OPTION_INVALID',
      `accessTokens.claims gives a claim "${name}", which the token needs for itself.`,
      {
        fix: 'Give it another name, with a prefix of your own.',
      },
    )
  }
  const { SignJWT } = await jose()
  const payload: Jose.JWTPayload = { ...custom, ...claims, amr: [...claims.amr], iss: issuer, aud: audience }
  const header = { alg: key.algorithm, typ: ACCESS_TYPE, kid: key.id }
  return await new SignJWT(payload).setProtectedHeader(header).sign(key.privateKey)
}

/** Signature, type, issuer, audience and times. A fault of the store that holds the keys rejects: it is no verdict on the token. */
export async function readAccess(text: string, { issuer, audience, now, keyOf }: Reading): Promise<Read> {
  const { decodeProtectedHeader, errors, jwtVerify } = await jose()
  const named = readHeader(text, decodeProtectedHeader)
  if (named === undefined) return { ok: false, reason: 'malformed' }
  const key = await keyOf(named.kid)
  if (key === undefined) return { ok: false, reason: 'unknown-key' }
  if (named.alg !== key.algorithm) return { ok: false, reason: 'forged' }
  try {
    const { payload } = await jwtVerify(text, key.publicKey, {
      algorithms: [key.algorithm],
      typ: ACCESS_TYPE,
      issuer,
      audience,
      currentDate: new Date(now),
      requiredClaims: ['exp', 'iat', 'jti'],
    })
    return readClaims(payload, now)
  } catch (error) {
    if (error instanceof errors.JOSEError) return { ok: false, reason: reasonOf(error, errors) }
    throw error
  }
}

/** Nothing in the head but the three that we write: no `jku`, `jwk`, `x5u`, `crit`, `zip` (RFC 8725 section 3.10). */
function readHeader(
  text: string,
  decode: typeof Jose.decodeProtectedHeader,
): { readonly alg: string; readonly kid: string } | undefined {
  if (!isJwt(text) || !isCanonical(text.slice(text.lastIndexOf('.') + 1))) return undefined
  try {
    const header = decode(text)
    const { alg, kid } = header
    const plain = Object.keys(header).toSorted().join() === HEADER.join()
    return plain && typeof alg === 'string' && typeof kid === 'string' && ID.test(kid) ? { alg, kid } : undefined
  } catch {
    return undefined
  }
}

/** One spelling of each signature: what decodes to the same bytes is another text to whoever lists or caches tokens. */
function isCanonical(signature: string): boolean {
  return Buffer.from(signature, 'base64url').toString('base64url') === signature
}

function readClaims(payload: Jose.JWTPayload, now: number): Read {
  const { sub, exp, iat, aud, kind, sid, epoch } = payload
  const whole = typeof sub === 'string' && ID.test(sub) && typeof sid === 'string' && ID.test(sid) && Number.isSafeInteger(epoch)
  const timed = Number.isSafeInteger(exp) && Number.isSafeInteger(iat) && (exp! - iat!) * 1000 <= LONGEST_LIFE
  if (!whole || !timed || kind !== 'person' || typeof aud !== 'string') return { ok: false, reason: 'malformed' }
  if (iat! > now / 1000 + AHEAD) return { ok: false, reason: 'not-yet' }
  return { ok: true, claims: { sub, sid, epoch: epoch as number, exp: exp! } }
}

function reasonOf(error: Jose.errors.JOSEError, errors: typeof Jose.errors): Extract<Read, { ok: false }>['reason'] {
  if (error instanceof errors.JWTExpired) return 'expired'
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'forged'
  if (!(error instanceof errors.JWTClaimValidationFailed)) return 'malformed'
  const reasons = { iss: 'wrong-issuer', aud: 'wrong-audience', typ: 'wrong-type', nbf: 'not-yet', iat: 'not-yet' } as const
  return reasons[error.claim as keyof typeof reasons] ?? 'malformed'
}

function valueOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
