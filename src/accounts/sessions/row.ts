/** From a stored row to a session and to who asks. On the way of every request: no parsing where there is nothing to parse. */
import type { Principal } from '../../engine/facts.ts'
import { latestProof } from '../proof-strength.ts'
import type { Granted, Roles } from '../users/roles.ts'
import type { SessionRow, UserRow } from '../schema.ts'
import type { Proof, Session } from '../types.ts'

/** What a session may last, in milliseconds. */
export interface SessionLengths {
  readonly idle: number
  readonly absolute: number
}

/** The columns that make a session. */
export type SessionColumns = Omit<
  SessionRow,
  | 'hash'
  | 'ended_at'
  | 'ended_by'
  | 'epoch'
  | 'browser_id'
  | 'device_key'
  | 'bound_at'
  | 'tenant_id'
  | 'as_user_id'
  | 'as_since'
  | 'as_reason'
>

type Who = Pick<UserRow, 'login' | 'name'>

const NOTHING: Readonly<Record<string, unknown>> = Object.freeze({})
const NO_PROOFS: readonly Proof[] = Object.freeze([])

/** The session as everybody may see it. */
export function toSession(row: SessionColumns, { idle, absolute }: SessionLengths): Session {
  return {
    id: row.id,
    userId: row.user_id,
    createdAt: row.created_at,
    seenAt: row.seen_at,
    // The shorter of what it was given and what is configured now: an operator who shortens sessions shortens those that live.
    expiresAt: Math.min(row.expires_at, row.created_at + absolute),
    idleAt: row.seen_at + idle,
    aal: row.aal,
    proofs: readProofs(row.proofs),
    address: row.address,
    userAgent: row.user_agent,
    version: row.version,
    data: row.data === '' ? NOTHING : readData(row.data),
  }
}

function readData(text: string): Readonly<Record<string, unknown>> {
  const data: Record<string, unknown> = JSON.parse(text)
  return data
}

/** The tenant that a session acts in. */
export type ActiveTenant = NonNullable<Principal['tenant']>

/** Of a stored membership. */
export function toActive(id: string, stored: string, within: Roles): ActiveTenant {
  return { id, ...within.granted(stored) }
}

/** Who asks: the user, what their roles permit, and how well they proved it. */
export function toPrincipal(
  { userId, proofs, aal }: Session,
  who: Who,
  { roles, permissions }: Granted,
  tenant?: ActiveTenant,
): Principal {
  return {
    id: userId,
    login: who.login,
    name: who.name,
    roles,
    permissions,
    amr: proofs.length === 1 ? [proofs[0]!.amr] : [...new Set(proofs.map(({ amr }) => amr))],
    aal,
    provedAt: latestProof(proofs),
    ...(tenant !== undefined && { tenant }),
  }
}

/** A session that acts as its own user, in no tenant. */
const AS_ONESELF = { as_user_id: null, as_since: null, as_reason: null, tenant_id: null } as const

/** The row of a session back to its own user. */
export function asOneself(row: SessionRow): SessionRow {
  return row.as_user_id === null ? row : { ...row, ...AS_ONESELF }
}

/** `door:amr:at`, with a space between: no name of a door or a method has a colon or a space. */
export function writeProofs(proofs: readonly Proof[]): string {
  return proofs.map(({ door, amr, at }) => `${door}:${amr}:${at}`).join(' ')
}

/** The proofs of a row. */
export function readProofs(text: string): readonly Proof[] {
  if (text === '') return NO_PROOFS
  if (!text.includes(' ')) return [readProof(text)]
  return text.split(' ').map(readProof)
}

function readProof(text: string): Proof {
  const first = text.indexOf(':')
  const second = text.indexOf(':', first + 1)
  return { door: text.slice(0, first), amr: text.slice(first + 1, second), at: Number(text.slice(second + 1)) }
}
