/** What a browser does at sign-up and with an invitation, for the attacks on both. */
import type { HoldfastOptions } from '../../src/index.ts'
import { PASSWORD, type Response, type TestApp } from './app.ts'
import { cookieOf, sameOrigin, signInByForm } from './browser.ts'
import { linkIn } from './mail.ts'

export const SYSTEM = { kind: 'system', id: 'test' } as const
export const OPEN: Partial<HoldfastOptions> = { signIn: { signUp: { mode: 'open', roles: ['member'] } } }
export const INVITING: Partial<HoldfastOptions> = { signIn: { signUp: 'invitation' } }
export const VICTIM = 'victim@example.org'

/** A form of ours, sent as a browser sends it. */
export function post(app: TestApp, path: string, fields: Record<string, string>, cookie?: string): Promise<Response> {
  return app.fetch(path, { method: 'POST', headers: sameOrigin(app, cookie), body: new URLSearchParams(fields).toString() })
}

/** Asks for an account, where there is an administrator: before there is none. */
export async function askFor(app: TestApp, address: string): Promise<Response> {
  if (await app.holdfast.accounts.setUp.open()) await app.signIn('admin', 'host')
  return await post(app, '/sign-up', { address })
}

/** The form behind a link; `more` are fields that it does not have. */
export function makeAccount(app: TestApp, link: string, more: Record<string, string> = {}): Promise<Response> {
  const { pathname, searchParams } = new URL(link, app.origin)
  const token = searchParams.get('token') ?? ''
  return post(app, pathname, { token, displayName: 'Somebody', password: PASSWORD, passwordAgain: PASSWORD, ...more })
}

/** The link of the one letter that was just sent. */
export async function letterLink(app: TestApp): Promise<string> {
  const [letter, ...more] = await app.mails()
  if (letter === undefined || more.length > 0) throw new Error(`There are ${more.length + (letter ? 1 : 0)} letters, not one.`)
  return linkIn(letter)
}

/** Invites, and gives the link. */
export async function invited(app: TestApp, address: string, roles: readonly string[]): Promise<string> {
  const made = await app.holdfast.accounts.invitations.create({ address, roles, invitedBy: SYSTEM })
  if (!made.ok) throw new Error(`no invitation: ${made.reason}`)
  return await letterLink(app)
}

/** Somebody who wrote that address down and never showed that it is theirs. */
export async function claimer(app: TestApp, address: string) {
  const user = await app.signIn('member', 'claimer')
  const set = await app.holdfast.accounts.users.setAddress(user.userId, address, SYSTEM)
  if (!set.ok) throw new Error(`no address: ${set.reason}`)
  // The new address ended the session from before.
  const cookie = cookieOf(await signInByForm(app, user.login))
  if (cookie === undefined) throw new Error('The claimer cannot sign in.')
  return { ...user, cookie }
}
