/** What the contracts of second factors share. */
import assert from 'node:assert/strict'
import { from, type Fixture } from '../fixture.contract.ts'
import type { NewSession, SignIn } from '../types.ts'
import { codeOf } from './totp.ts'
import { Secret as Otp } from 'otpauth'

export const STEP = 30_000
export const SHOWN = { issuer: 'App', login: 'bob' }

/** A user with an authenticator app, as they would enrol it. */
export async function enrolled(f: Fixture, login = 'bob') {
  const user = await f.user(login)
  const first = await f.session(login)
  const draft = await f.accounts.factors.begin(first.session, { ...SHOWN, login })
  const secret = Buffer.from(Otp.fromBase32(draft.secret.reveal()).bytes)
  const code = (steps = 0) => codeOf(secret, Math.floor(f.clock.now / STEP) + steps)
  const made = await f.accounts.factors.confirm({ token: first.token.reveal(), code: code() }, from())
  assert.ok(made.ok, JSON.stringify(made))
  const recoveryCodes = made.recoveryCodes!.map((one) => one.reveal())
  f.clock.now += STEP
  f.takeEvents()
  return { user, session: made as NewSession, before: first, code, secret, recoveryCodes, uri: draft.uri.reveal() }
}

/** The password, and then what waits. */
export async function pending(f: Fixture, login = 'bob', origin = from()): Promise<string> {
  const answer = await f.signIn(login, { from: origin })
  assert.ok(!answer.ok && answer.reason === 'second-factor', JSON.stringify(answer))
  return answer.pending!.reveal()
}

export const enter = (f: Fixture, waiting: string, code: string, origin = from()) =>
  f.accounts.doors.secondFactor.signIn({ pending: waiting, code }, origin)
export const reasonOf = (answer: Awaited<ReturnType<typeof enter>> | SignIn) => (answer.ok ? 'in' : answer.reason)
