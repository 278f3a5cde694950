/**
 * What an API key may do: the permissions it was given, as far as its owner has them now. Never more than either.
 * Source: OWASP ASVS 5.0, 8.2.1 and 10.4.11 (only the required scopes).
 */
import type { Principal } from '../../engine/facts.ts'
import { permits } from '../../engine/policy.ts'
import { isPermission, type Granted, type Roles } from '../users/roles.ts'

const MOST_SCOPES = 50
const MOST_CACHED = 1024
const NO_ROLES: readonly string[] = Object.freeze([])
const NOTHING: Granted = Object.freeze({ roles: NO_ROLES, permissions: new Set<string>() })

/** Texts as they are stored: of the owner, of the key, and of the one tenant it acts in. */
export interface Held {
  readonly roles: string
  readonly scopes: string
  readonly tenant?: { readonly id: string; readonly roles: string } | undefined
}

/** What a key or an app may: in the application, or in one tenant and nothing outside it. */
export type Reach = Pick<Principal, 'roles' | 'permissions' | 'tenant'>

/** The text to store, sorted and without repetition; `undefined` when one is no permission, or there are more than 50. */
export function storedScopes(scopes: readonly string[]): string | undefined {
  return scopes.length <= MOST_SCOPES && scopes.every(isPermission) ? [...new Set(scopes)].toSorted().join(' ') : undefined
}

/** The stored text as a list. */
export function splitScopes(stored: string): string[] {
  return stored === '' ? [] : stored.split(' ')
}

/** What both sets permit, as a set of permissions: `notes:*` and `notes:read` have `notes:read` in common. */
export function inCommon(one: ReadonlySet<string>, other: ReadonlySet<string>): Set<string> {
  return new Set([...[...one].filter((wanted) => permits(other, wanted)), ...[...other].filter((wanted) => permits(one, wanted))])
}

/**
 * Works out what a key grants, from the stored texts of its owner's roles and of its scopes; each pair once. A role stands for
 * everything its holder may do, so a key has its owner's roles only when its scopes hold `*`.
 */
export function createNarrower(roles: Roles): (storedRoles: string, scopes: string) => Granted {
  const cache = new Map<string, Granted>()

  function work(storedRoles: string, scopes: string): Granted {
    const owner = roles.granted(storedRoles)
    const wanted = new Set(splitScopes(scopes))
    if (wanted.has('*')) return owner
    return { roles: NO_ROLES, permissions: inCommon(owner.permissions, wanted) }
  }

  return (storedRoles, scopes) => {
    const name = `${storedRoles}\n${scopes}` // neither can hold a line break
    const known = cache.get(name)
    if (known !== undefined) return known
    const granted = work(storedRoles, scopes)
    if (cache.size < MOST_CACHED) cache.set(name, granted)
    return granted
  }
}

/** Works out how far a key or an app reaches. `roles`: those of the application; `within`: those in a tenant. */
export function createReach(roles: Roles, within: Roles): (held: Held) => Reach {
  const [everywhere, inTenant] = [createNarrower(roles), createNarrower(within)]
  return ({ roles: owner, scopes, tenant }) =>
    tenant === undefined
      ? everywhere(owner, scopes)
      : { ...NOTHING, tenant: { id: tenant.id, ...inTenant(tenant.roles, scopes) } }
}
