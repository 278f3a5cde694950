/** The provider of the attacks on sign-in by another provider: one for all of them, honest unless an attack tells it to lie. */
import type { HoldfastOptions } from '../../src/index.ts'
import type { TestApp } from './app.ts'
import { lyingProvider } from './provider.ts'

export const idp = await lyingProvider()

/** Options with that provider. */
export const withProvider: Partial<HoldfastOptions> = { signIn: { providers: { idp: idp.configured() } } }

/** Somebody here whose account is linked to somebody there. */
export async function linkedUser(
  app: TestApp,
  login: string,
  { subject = 'person-1', role = 'member' }: { readonly subject?: string; readonly role?: 'member' | 'admin' } = {},
): Promise<{ readonly cookie: string; readonly userId: string }> {
  idp.lies = {}
  const user = await app.signIn(role, login)
  const identity = { provider: 'idp', issuer: idp.issuer, subject, shown: subject, strong: false }
  const linked = await app.holdfast.accounts.identities.link(user.userId, identity, { kind: 'system', id: 'test' })
  if (!linked.ok) throw new Error(`not linked: ${linked.reason}`)
  return user
}

/** Makes the provider name this person from now on. */
export function nowIs(subject: string, more: Readonly<Record<string, unknown>> = {}): void {
  idp.lies = { claims: (honest) => ({ ...honest, sub: subject, ...more }) }
}
