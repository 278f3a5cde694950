/** The application's own data in the session: JSON, at most 4 KiB, written only against the version that was read. */
import type { Exchange } from '../../engine/exchange.ts'
import { Session } from './slot.ts'

const NOTHING: Readonly<Record<string, unknown>> = Object.freeze({})

/** What was stored, as it was when the request came or as this request wrote it; empty when nobody is signed in. */
export function readSessionData(x: Exchange): Readonly<Record<string, unknown>> {
  return x.get(Session)?.session.data ?? NOTHING
}

/**
 * Replaces the data. `false` when nobody is signed in, when the session ended in the meantime, or when another request wrote
 * first: a slow request neither revives a session nor undoes a later write (CVE-2025-46336).
 */
export async function writeSessionData(x: Exchange, data: Record<string, unknown>): Promise<boolean> {
  const current = x.get(Session)
  if (!current) return false
  const { session, token, write } = current
  if (!(await write(token.reveal(), session.version, data, x.time))) return false
  x.set(Session, { ...current, session: { ...session, version: session.version + 1, data } })
  return true
}
