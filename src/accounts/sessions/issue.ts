/** Writes the rows of new tokens. Called by the gate, which alone decides that somebody gets a session, and by rotation. */
import { aalOf } from '../proof-strength.ts'
import { toActive, toPrincipal, writeProofs, toSession, type SessionLengths } from './row.ts'
import type { Roles } from '../users/roles.ts'
import type { AccountsTransaction, SessionRow, UserRow } from '../schema.ts'
import { rolesIn } from '../tenants/members.ts'
import { handleOf, newToken, type SessionToken } from './token.ts'
import type { NewSession, Origin, Proof } from '../types.ts'

/** Writes rows; decides nothing. Both are called inside a transaction that holds the user's row. */
export interface Issuer {
  /** A session that was not there before. `browser`: the one that remembers, where it opened it; `life`: the longest, in milliseconds. */
  issue(
    tx: AccountsTransaction,
    user: UserRow,
    proofs: readonly Proof[],
    from: Origin,
    now: number,
    options?: { readonly browser?: string | undefined; readonly life?: number | undefined },
  ): Promise<NewSession>
  /** A new token for a session whose row was ended by the caller; same handle, same absolute end, same data. */
  reissue(tx: AccountsTransaction, user: UserRow, old: SessionRow, now: number, proofs?: readonly Proof[]): Promise<NewSession>
}

interface Setting {
  readonly random: (bytes: number) => string
  readonly roles: Roles
  /** Those in a tenant. */
  readonly tenantRoles: Roles
  readonly lengths: SessionLengths
}

const LONGEST_ADDRESS = 64
const LONGEST_USER_AGENT = 256

/** Makes the issuer. `random` gives base64url text of so many random bytes. */
export function createIssuer({ random, roles, tenantRoles, lengths }: Setting): Issuer {
  async function insert(tx: AccountsTransaction, { token }: SessionToken, row: SessionRow, user: UserRow): Promise<NewSession> {
    await tx.insertInto('hf_sessions').values(row).execute()
    const session = toSession(row, lengths)
    const { tenant_id: id } = row
    const stored = id === null ? undefined : await rolesIn(tx, id, row.as_user_id ?? user.id)
    const tenant = stored === undefined ? undefined : toActive(id!, stored, tenantRoles)
    return { token, session, principal: toPrincipal(session, user, roles.granted(user.roles), tenant) }
  }

  return {
    issue(tx, user, proofs, from, now, { browser, life = lengths.absolute } = {}) {
      const made = newToken(random)
      const row: SessionRow = {
        hash: made.hash,
        id: handleOf(made.hash),
        user_id: user.id,
        created_at: now,
        seen_at: now,
        expires_at: now + Math.min(life, lengths.absolute),
        ended_at: null,
        ended_by: null,
        aal: aalOf(proofs),
        proofs: writeProofs(proofs),
        address: storable(from.address, LONGEST_ADDRESS),
        user_agent: storable(from.userAgent, LONGEST_USER_AGENT),
        version: 1,
        data: '',
        epoch: user.epoch,
        browser_id: browser ?? null,
        device_key: null,
        bound_at: null,
        tenant_id: null,
        as_user_id: null,
        as_since: null,
        as_reason: null,
      }
      return insert(tx, made, row, user)
    },
    reissue(tx, user, old, now, proofs) {
      const made = newToken(random)
      const proved = proofs && { proofs: writeProofs(proofs), aal: aalOf(proofs) }
      const row: SessionRow = {
        ...old,
        ...proved,
        hash: made.hash,
        seen_at: now,
        ended_at: null,
        ended_by: null,
        epoch: user.epoch,
      }
      return insert(tx, made, row, user)
    },
  }
}

/** Text from a request as a database takes it: bounded, without NUL and other controls, no half characters. */
export function storable(text: string, longest: number): string {
  return text
    .slice(0, longest)
    .toWellFormed()
    .replace(/\p{Cc}/gu, ' ')
}
