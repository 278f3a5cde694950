/** What somebody asks a new API key to be, read before anything is touched. */
import { readId } from '../ids.ts'
import { normaliseName } from '../users/normalise.ts'
import { splitScopes, storedScopes } from './scopes.ts'
import type { ApiKeyCreated, NewApiKey } from './types.ts'

/** Bounded and in the one spelling that is stored. */
export interface ReadKey {
  readonly userId: string
  readonly name: string
  readonly scopes: readonly string[]
  /** The scopes as one text. */
  readonly stored: string
  readonly perMinute: number | undefined
  readonly expiresAt: number | undefined
  readonly tenantId: string | undefined
}

type Read = { readonly ok: true; readonly input: ReadKey } | Extract<ApiKeyCreated, { ok: false }>

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** A key that nobody renews is a key that nobody knows of any more. */
export const DEFAULT_KEY_LIFE: number = 90 * DAY
const LONGEST_LIFE = 365 * DAY
const LONGEST_NAME = 80
const MOST_PER_MINUTE = 100_000
const LEAST_REASON = 10

const refuse = (reason: Extract<ApiKeyCreated, { ok: false }>['reason']): Read => ({ ok: false, reason })

/** Refuses a name over 80 characters, scopes that are no permissions, and an end outside an hour to a year. */
export function readNewKey(given: NewApiKey, now: number): Read {
  const { userId, expiresIn, insecureNoExpiry, perMinute, tenant } = given
  const name = normaliseName(given.name)
  if (!name.ok || name.value.length > LONGEST_NAME) return refuse('name-invalid')
  const stored = storedScopes(given.scopes)
  if (stored === undefined) return refuse('scope-invalid')
  if (perMinute !== undefined && !isWhole(perMinute, 1, MOST_PER_MINUTE)) return refuse('limit-invalid')
  if (insecureNoExpiry !== undefined && (expiresIn !== undefined || insecureNoExpiry.trim().length < LEAST_REASON))
    return refuse('expiry-invalid')
  const life = expiresIn ?? DEFAULT_KEY_LIFE
  if (!isWhole(life, HOUR, LONGEST_LIFE)) return refuse('expiry-invalid')
  const expiresAt = insecureNoExpiry === undefined ? now + life : undefined
  const scopes = splitScopes(stored)
  const tenantId = tenant === undefined ? undefined : readId(tenant)
  return { ok: true, input: { userId: readId(userId), name: name.value, scopes, stored, perMinute, expiresAt, tenantId } }
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most
}
