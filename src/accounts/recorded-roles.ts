/**
 * The application configures its roles in code, which the command cannot see. So the application leaves their names in the store
 * when it starts, and the command takes them from there: `users set-role` knows what to accept, and who administers.
 */
import type { AtomicStore } from '../store/atomic.ts'
import { DEFAULT_ROLES, type RoleTable } from './roles.ts'

const KEY = 'accounts:roles'
const CENTURY = 100 * 365 * 86_400_000

/** More than a store takes as one value. */
const LONGEST = 60_000

/** Leaves the names and what each permits: the command asks before it gives an API key a scope. */
export async function recordRoles(once: AtomicStore, roles: RoleTable, now: number): Promise<void> {
  const whole = JSON.stringify(roles)
  const names = Object.entries(roles).map(([name, permissions]) => [name, permissions.includes('*') ? ['*'] : []])
  await once.put(KEY, whole.length <= LONGEST ? whole : JSON.stringify(Object.fromEntries(names)), CENTURY, now)
}

/** What was left last, or the roles by default. */
export async function recordedRoles(once: AtomicStore, now: number): Promise<RoleTable> {
  const text = await once.get(KEY, now)
  if (text === undefined) return DEFAULT_ROLES
  const table: RoleTable = JSON.parse(text)
  return table
}
