/**
 * The application configures its roles in code, which the command cannot see. So the application leaves their names in the store
 * when it starts, and the command takes them from there: `users set-role` knows what to accept, and who administers.
 */
import type { AtomicStore } from '../../store/atomic.ts'
import { DEFAULT_ROLES, type RoleTable } from './roles.ts'
import { DEFAULT_TENANT_ROLES } from '../tenants/defaults.ts'

const KEYS = { application: 'accounts:roles', tenant: 'accounts:tenant-roles' } as const

type Kind = keyof typeof KEYS
const CENTURY = 100 * 365 * 86_400_000

/** More than a store takes as one value. */
const LONGEST = 60_000

/** Leaves the names and what each permits: the command asks before it gives an API key a scope. */
export async function recordRoles(once: AtomicStore, roles: RoleTable, now: number, kind: Kind = 'application'): Promise<void> {
  const whole = JSON.stringify(roles)
  const names = Object.entries(roles).map(([name, permissions]) => [name, permissions.includes('*') ? ['*'] : []])
  await once.put(KEYS[kind], whole.length <= LONGEST ? whole : JSON.stringify(Object.fromEntries(names)), CENTURY, now)
}

/** What was left last, or the roles by default. */
export async function recordedRoles(once: AtomicStore, now: number, kind: Kind = 'application'): Promise<RoleTable> {
  const text = await once.get(KEYS[kind], now)
  if (text === undefined) return kind === 'application' ? DEFAULT_ROLES : DEFAULT_TENANT_ROLES
  const table: RoleTable = JSON.parse(text)
  return table
}
