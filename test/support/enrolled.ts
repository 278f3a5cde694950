/** Somebody with an authenticator app, for attacks and tests that need a second factor. */
import { Secret as Otp } from 'otpauth'
import { codeOf } from '../../src/accounts/factors/totp.ts'
import { Secret } from '../../src/crypto/secret.ts'
import { PASSWORD, type TestApp } from './app.ts'

export const FROM = { address: '127.0.0.1', network: '127.0.0.1', userAgent: 'test' }

/** A user whose password is `PASSWORD`; `secret` is what the app holds. */
export async function enrol({ holdfast: { accounts }, signIn, clock }: TestApp, login: string) {
  const { userId } = await signIn('member', login)
  const first = await accounts.doors.password.signIn({ login, password: new Secret(PASSWORD) }, FROM)
  if (!first.ok) throw new Error(`no session: ${first.reason}`)
  const draft = await accounts.factors.begin(first.session, { issuer: 'Test', login })
  const secret = Buffer.from(Otp.fromBase32(draft.secret.reveal()).bytes)
  const made = await accounts.factors.confirm({ token: first.token.reveal(), code: codeNow(secret, clock.now()) }, FROM)
  if (!made.ok) throw new Error(`not enrolled: ${made.reason}`)
  return { login, secret, userId }
}

/** What the app shows. */
export function codeNow(secret: Buffer, now: number): string {
  return codeOf(secret, Math.floor(now / 30_000))
}

/** Password and code; whether that let them in. */
export async function enters({ holdfast: { accounts }, clock }: TestApp, login: string, secret: Buffer): Promise<boolean> {
  const first = await accounts.doors.password.signIn({ login, password: new Secret(PASSWORD) }, FROM)
  if (first.ok || first.reason !== 'second-factor') throw new Error('The second factor was not asked for.')
  const entry = { pending: first.pending!.reveal(), code: codeNow(secret, clock.now()) }
  return (await accounts.doors.secondFactor.signIn(entry, FROM)).ok
}
