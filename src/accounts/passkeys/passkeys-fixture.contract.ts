/** What the contracts of passkeys share. */
import assert from 'node:assert/strict'
import { softAuthenticator, type Misbehaviour, type SoftAuthenticatorOptions } from '../../../test/support/authenticator.ts'
import { fixture as plain, from, type Fixture, type Open } from '../fixture.contract.ts'
import type { AccountsSetting } from '../accounts.ts'
import type { NewSession, PasskeyPurpose, SignIn } from '../types.ts'
import { loadWebAuthn, relyingParty, type WebAuthn } from './relying-party.ts'

export const ORIGIN = 'https://app.example'
export const EASY = { limits: { factorBurst: { limit: 100, period: 1000 }, factor: { limit: 100, period: 1000 } } }
export const SIGN_UP = { mode: 'open', roles: ['member'], login: 'address' } as const
export const OPEN_NETWORK = { limits: { ...EASY.limits, network: { limit: 1000, period: 1000 } } }

/** How often answers were verified. */
export interface Counts {
  verified: number
}

export async function fixture(
  open: Open,
  setting: Partial<AccountsSetting> = {},
): Promise<Fixture & { readonly checks: Counts }> {
  const checks: Counts = { verified: 0 }
  const library = await loadWebAuthn()
  const counting: WebAuthn = {
    ...library,
    verifyAuthenticationResponse: (given) => {
      checks.verified++
      return library.verifyAuthenticationResponse(given)
    },
  }
  const party = relyingParty({ id: 'app.example', name: 'App', origin: ORIGIN }, counting)
  return { ...(await plain(open, { relyingParty: party, ...setting })), checks }
}

export interface Enrolling {
  readonly purpose?: PasskeyPurpose
  readonly device?: Partial<SoftAuthenticatorOptions>
  readonly login?: string
}

/** A user with a passkey, as they would enrol it, in the session that did. */
export async function withPasskey(f: Fixture, { purpose = 'passkey', device, login = 'bob' }: Enrolling = {}) {
  const user = await f.user(login)
  const before = await f.session(login)
  const authenticator = softAuthenticator({ origin: ORIGIN, ...device })
  const made = await enrolPasskey(f, before, authenticator, purpose)
  assert.ok(made.ok, JSON.stringify(made))
  f.takeEvents()
  const recoveryCodes = (made.recoveryCodes ?? []).map((one) => one.reveal())
  return { user, before, authenticator, session: made as NewSession, passkey: made.passkey, recoveryCodes }
}

export async function enrolPasskey(
  f: Fixture,
  session: NewSession,
  authenticator: ReturnType<typeof softAuthenticator>,
  purpose: PasskeyPurpose = 'passkey',
  wrong: Misbehaviour = {},
) {
  const token = session.token.reveal()
  const ceremony = await f.accounts.passkeys.begin({ token, purpose })
  return await f.accounts.passkeys.confirm({ token, response: authenticator.create(ceremony!, wrong), name: '' }, from())
}

export const door = (f: Fixture) => f.accounts.doors.passkey

/** The way in, as a browser goes it. */
export async function enter(
  f: Fixture,
  authenticator: ReturnType<typeof softAuthenticator>,
  wrong: Parameters<ReturnType<typeof softAuthenticator>['get']>[1] = {},
): Promise<SignIn> {
  const begun = (await door(f).begin(undefined))!
  return await door(f).signIn({ browser: begun.browser, response: authenticator.get(begun.ceremony, wrong) }, from())
}

/** The link of a sign-up, as its letter brings it. */
export async function invited(f: Fixture, address = 'ada@example.org') {
  const { signUp } = f.accounts.doors
  assert.deepEqual(await signUp.ask(address, from()), { ok: true })
  return { token: f.tokenOf(await f.letters(), 'sign-up'), door: signUp }
}

export async function pendingOf(f: Fixture, login = 'bob'): Promise<string> {
  const answer = await f.signIn(login)
  assert.ok(!answer.ok && answer.reason === 'second-factor', JSON.stringify(answer))
  return answer.pending!.reveal()
}

export const reasonOf = (answer: { readonly ok: boolean; readonly reason?: string }) => (answer.ok ? 'in' : answer.reason)
