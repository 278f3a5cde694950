/** Who asks, as `holdfast explain` takes them: signed in, in a tenant or in none, or by one of their API keys. Nothing is opened by it. */
import type { Accounts, ApiKey, User } from '../accounts/types.ts'
import type { Principal } from '../engine/facts.ts'
import { shown } from './arguments.ts'
import { Refusal, type Call, type Option } from './command.ts'

/** Who asks, and by what. */
export interface Asking {
  /** `null`: nobody is signed in, or who is named is let in by nothing. */
  readonly principal: Principal | null
  /** Why nothing of theirs is let in. */
  readonly barred?: string
  /** What was said of how they come. */
  readonly lines: readonly string[]
}

/** The options that say it. */
export const WHO = {
  as: { type: 'string', value: 'LOGIN', what: 'Who asks; without it: somebody who is not signed in' },
  tenant: { type: 'string', value: 'TENANT', what: 'The tenant in which their session acts [none]' },
  key: { type: 'string', value: 'KEY', what: 'The API key they come by, by its public id; it says itself where it acts' },
} as const satisfies Readonly<Record<string, Option>>

/** What somebody who is named would be at their next request. */
export async function askingOf(call: Call, accounts: Accounts, user: User | null, aal: number): Promise<Asking> {
  const [tenant, key] = [call.option('tenant'), call.option('key')]
  if (user === null) {
    if (tenant !== undefined || key !== undefined) throw new Refusal(2, 'Say with --as whose it is.')
    return { principal: null, lines: [] }
  }
  if (tenant !== undefined && key !== undefined) throw new Refusal(2, 'A key says itself where it acts: leave --tenant out.')
  if (key !== undefined) return await byKey(call, accounts, user, key)
  if (user.status !== 'active')
    return { principal: null, barred: `${shown(user.login)} is ${user.status}: no session of theirs is let in.`, lines: [] }
  return await bySession(call, accounts, user, { tenant, aal })
}

async function bySession(
  call: Call,
  accounts: Accounts,
  user: User,
  { tenant, aal }: { readonly tenant: string | undefined; readonly aal: number },
): Promise<Asking> {
  const { id, login, name, roles } = user
  const who = { id, login, name, roles, permissions: permitted(accounts.roles, roles) }
  const own: Principal = { ...who, amr: ['pwd'], aal, provedAt: call.io.now() }
  if (tenant === undefined) return { principal: own, lines: [] }
  const place = (await accounts.tenants.of(id)).find((one) => one.id === tenant)
  if (!place) return { principal: null, barred: `${shown(login)} belongs to no tenant ${shown(tenant)}.`, lines: [] }
  const held = { id: tenant, roles: place.roles, permissions: permitted(accounts.tenants.roles, place.roles) }
  return { principal: { ...own, tenant: held }, lines: [`They act in the tenant ${shown(place.name)}.`] }
}

/** What the request itself would find, so that nothing is said here that does not hold there. */
async function byKey(call: Call, accounts: Accounts, user: User, id: string): Promise<Asking> {
  const { apiKeys } = accounts
  const listed = (await apiKeys.list(user.id, call.io.now())).find((key) => key.id === id)
  if (!listed) return { principal: null, barred: `${shown(user.login)} has no key ${shown(id)}.`, lines: [] }
  const found = await apiKeys.look(user.id, id, call.io.now())
  if (!found.ok) return { principal: null, barred: `The key ${shown(listed.name)} is refused: ${found.reason}.`, lines: [] }
  return { principal: found.principal, lines: describeKey(listed, found.principal) }
}

function describeKey({ name, tenant, scopes }: ApiKey, { permissions, tenant: place }: Principal): readonly string[] {
  const where = tenant === undefined ? 'in no tenant' : `in the tenant ${tenant} alone`
  const may = [...(place?.permissions ?? permissions)].toSorted().join(', ') || 'nothing that needs a permission'
  return [
    `The key ${shown(name)} acts ${where}.`,
    `Its scopes: ${scopes.join(', ') || 'none'}. With what its owner may there: ${may}.`,
  ]
}

function permitted(table: Readonly<Record<string, readonly string[]>>, roles: readonly string[]): ReadonlySet<string> {
  return new Set(roles.flatMap((role) => table[role] ?? []))
}
