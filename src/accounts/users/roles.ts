/** Roles, and what each permits: read once at start-up, looked up at each request. Source: OWASP ASVS 5.0 V8.1, V8.2. */
import { HoldfastError } from '../../engine/errors.ts'
import { invalid } from '../../engine/options.ts'
import { hint } from '../../engine/suggest.ts'

/** A role's name to what it permits: `'notes:read'`, a group `'notes:*'`, or everything `'*'`. */
export type RoleTable = Readonly<Record<string, readonly string[]>>

/** A user's roles worked out: those that still exist, and all they permit together. */
export interface Granted {
  readonly roles: readonly string[]
  readonly permissions: ReadonlySet<string>
}

/** The roles of the application, ready to be asked at each request. */
export interface Roles {
  readonly table: RoleTable
  readonly names: readonly string[]
  /** Roles that permit everything. Of users who hold one, an active one is always left. */
  readonly administrators: readonly string[]
  /** From the stored text, roles with a space between. A role that is no longer configured grants nothing. */
  granted(stored: string): Granted
  /** The text to store, sorted and without repetition; `undefined` when a name is unknown. */
  stored(names: readonly string[]): string | undefined
}

/** One who may everything, and one who may nothing that is not named at the route. */
export const DEFAULT_ROLES: RoleTable = { admin: ['*'], member: [] }

const ROLE = /^[a-z][a-z0-9_-]{0,31}$/
const PERMISSION = /^(?:\*|[a-z][a-z0-9_.-]{0,63}(?::[a-z][a-z0-9_.-]{0,63}){0,3}:(?:\*|[a-z][a-z0-9_.-]{0,63}))$/
const MOST_ROLES = 64
const MOST_CACHED = 1024

/** Throws HF_OPTION_INVALID for names that cannot be meant, and when no role permits everything: nobody could administer. */
export function compileRoles(table: RoleTable = DEFAULT_ROLES, option = 'roles'): Roles {
  const names = Object.keys(table)
  if (names.length > MOST_ROLES) invalid(option, names, `Keep to ${MOST_ROLES} roles; put differences into permissions.`)
  for (const name of names) checkRole(name, table[name], option)
  const administrators = names.filter((name) => table[name]!.includes('*'))
  if (administrators.length === 0) {
    throw new HoldfastError('HF_OPTION_INVALID', `${option} has no role that permits everything, so nobody could administer.`, {
      fix: `Add one: admin: ['*'].`,
    })
  }
  const cache = new Map<string, Granted>()

  function work(stored: string): Granted {
    const roles = Object.freeze(splitRoles(stored).filter((name) => Object.hasOwn(table, name)))
    return { roles, permissions: new Set(roles.flatMap((name) => table[name]!)) }
  }

  return {
    table: Object.freeze(Object.fromEntries(names.map((name) => [name, Object.freeze([...table[name]!])]))),
    names,
    administrators,
    granted(stored) {
      const known = cache.get(stored)
      if (known) return known
      const granted = work(stored)
      if (cache.size < MOST_CACHED) cache.set(stored, granted)
      return granted
    },
    stored(wanted) {
      return wanted.every((name) => Object.hasOwn(table, name)) ? [...new Set(wanted)].toSorted().join(' ') : undefined
    },
  }
}

/** The stored text as a list. */
export function splitRoles(stored: string): string[] {
  return stored === '' ? [] : stored.split(' ')
}

/** Whether the text can be meant as a permission. */
export function isPermission(text: string): boolean {
  return PERMISSION.test(text)
}

/** What to say to someone who named a role that is not there. */
export function unknownRole(name: string, { names }: Pick<Roles, 'names'>): string {
  return `There is no role "${name.slice(0, 40)}". ${hint(name, names)}`
}

function checkRole(name: string, permissions: unknown, option: string): void {
  if (!ROLE.test(name))
    invalid(`A role in \`${option}\``, name, 'Use 1 to 32 lower-case letters, digits, "-" or "_", a letter first.')
  if (!Array.isArray(permissions)) invalid(`${option}.${name}`, permissions, `Give a list of permissions: ['notes:read'].`)
  for (const permission of permissions as unknown[]) {
    if (typeof permission === 'string' && isPermission(permission)) continue
    invalid(
      `A permission of ${option}.${name}`,
      permission,
      `Write 'notes:read', 'notes:*' for the group, or '*' for everything.`,
    )
  }
}
