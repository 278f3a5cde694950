/**
 * The door of passkeys: whoever unlocks one is in, by what they have and what they know or are, and says no name. A credential that
 * nobody has, one of a disabled user, one for another purpose: the same work, the same event, the same answer.
 * Sources: WebAuthn Level 3, 7.2 and 14.6.2; NIST SP 800-63B-4 section 3.1.7; L01, L19, L20.
 */
import { judge } from '../factors/passkey.ts'
import { newToken } from '../sessions/token.ts'
import type { PasskeyDoor } from '../types.ts'
import type { DoorSetting } from './password.ts'

const NAME = 'passkey'
const TOKEN = /^[A-Za-z0-9_-]{43}$/

/** Opens the door. */
export function passkeyDoor(setting: DoorSetting): PasskeyDoor {
  const { passkeys, throttle, gate, random, now } = setting
  const { challenges, party } = passkeys

  return {
    async begin(held) {
      if (party === undefined) return undefined
      // Pages that are open side by side share the browser's token; each has a challenge of its own.
      const browser = held !== undefined && TOKEN.test(held) ? held : newToken(random).token.reveal()
      const challenge = await challenges.issue({ ceremony: 'sign-in', holder: browser })
      return { browser, ceremony: await party.ask(challenge, 'required') }
    },

    async signIn({ browser, response, replaces }, from) {
      // Nobody can guess a signature, so nothing counts for an account; a network that tries and tries is stopped.
      const admission = await throttle.admit(NAME, undefined, from)
      if (!admission.ok) return { ok: false, reason: 'throttled', retryAfter: admission.retryAfter }
      const { attempt } = admission
      const { exchange } = from
      const { found, credential, amr } = await judge(
        { ...setting, ...passkeys },
        { ceremony: 'sign-in', holder: browser, response, exchange },
      )
      if (found === undefined || credential === undefined || amr === undefined || !gate.opensFor(found)) {
        await attempt.fail(found?.user_id)
        return { ok: false, reason: 'denied' }
      }
      const proof = { door: NAME, amr, at: now(), credential }
      return await gate.complete({ userId: found.user_id, from, attempt, replaces }, [proof])
    },
  }
}
