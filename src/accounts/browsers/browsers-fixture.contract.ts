/** What the contracts of browsers that remember share. */
import assert from 'node:assert/strict'
import { enrol, STEP } from '../../../test/support/second-factor.ts'
import { Secret } from '../../crypto/secret.ts'
import { fixture, from, type Fixture, type Open } from '../fixture.contract.ts'
import type { AccountsSetting } from '../accounts.ts'
import type { NewSession, SignIn } from '../types.ts'

export const HOUR = 3_600_000
export const DAY = 24 * HOUR
export const LIVES = { remember: 30 * DAY, trust: 30 * DAY }
export const GRACE = 10_000

/** bob, whose browser remembers him. */
export async function remembered(open: Open, setting: Partial<AccountsSetting> = {}) {
  const f = await fixture(open, { browsers: LIVES, ...setting })
  const bob = await f.user('bob')
  const first = await f.session('bob')
  const token = await begin(f, first)
  const restore = (text = token, more = {}) => f.accounts.doors.remember.signIn({ token: text, ...more }, from())
  return { ...f, bob, first, token, restore }
}

/** bob has an authenticator app, too, and gave a code in this browser just now. */
export async function trusted(open: Open) {
  const f = await fixture(open, { browsers: LIVES })
  const bob = await f.user('bob')
  const app = await enrol(f.accounts, (await f.session('bob')).token.reveal(), () => f.clock.now)
  f.clock.now += STEP
  const device = (await f.accounts.browsers.begin('trust', new Secret(app.token), from()))?.reveal()
  assert.ok(device)
  return { ...f, bob, app, device, here: from('192.0.2.7', { device }) }
}

export async function begin(f: Fixture, { token }: NewSession): Promise<string> {
  const made = await f.accounts.browsers.begin('remember', token, from())
  assert.ok(made)
  return made.reveal()
}

export function opened(result: SignIn): Extract<SignIn, { ok: true }> {
  assert.ok(result.ok, JSON.stringify(result))
  return result
}

export const nextOf = (result: SignIn) => opened(result).remember?.reveal() ?? assert.fail('no next token')
export const lives = async (f: Fixture, { token }: NewSession) => (await f.accounts.sessions.find(token.reveal(), f.clock.now)).ok

export async function signInWithCode(f: Awaited<ReturnType<typeof trusted>>): Promise<SignIn> {
  f.clock.now += STEP
  const asked = await f.signIn('bob')
  assert.ok(!asked.ok && asked.reason === 'second-factor' && asked.pending)
  return (await f.accounts.doors.secondFactor.signIn({ pending: asked.pending.reveal(), code: f.app.code() }, from())) as SignIn
}
