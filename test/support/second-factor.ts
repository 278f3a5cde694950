/** Somebody with an authenticator app: enrols it as its owner would, and knows its codes. */
import { Secret as Otp } from 'otpauth'
import { codeOf } from '../../src/accounts/factors/totp.ts'
import type { Accounts } from '../../src/accounts/types.ts'

export interface Authenticator {
  /** The code of the current step, or of one that lies so many steps away. */
  code(steps?: number): string
  readonly recoveryCodes: readonly string[]
  /** The session in which it was enrolled, now of level 2. */
  readonly token: string
}

export const STEP = 30_000
const FROM = { address: '192.0.2.7', network: '192.0.2.7', userAgent: 'test' }

/** Reads the key off a page or out of an address. */
export function authenticatorOf(base32: string, now: () => number): Authenticator['code'] {
  const secret = Buffer.from(Otp.fromBase32(base32.replaceAll(' ', '')).bytes)
  return (steps = 0) => codeOf(secret, Math.floor(now() / STEP) + steps)
}

/** Enrols in the session of this token. The code of this moment is used up by it: move the clock on, or ask for `code(1)`. */
export async function enrol(accounts: Accounts, token: string, now: () => number): Promise<Authenticator> {
  const live = await accounts.sessions.find(token, now())
  if (!live.ok) throw new Error(`no session: ${live.reason}`)
  const draft = await accounts.factors.begin(live.session, { issuer: 'App', login: live.principal.login })
  const code = authenticatorOf(draft.secret.reveal(), now)
  const made = await accounts.factors.confirm({ token, code: code() }, FROM)
  if (!made.ok || !made.recoveryCodes) throw new Error(`not enrolled: ${JSON.stringify(made)}`)
  return { code, recoveryCodes: made.recoveryCodes.map((one) => one.reveal()), token: made.token.reveal() }
}
