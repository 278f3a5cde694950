/**
 * The door of the code in a letter, for who reads their mail on another device than this one. The code is typed into the browser that
 * asked for it, never the other way round, so that nobody can be talked into opening somebody else's sign-in. Unknown, disabled, without an
 * address, flooded: the same queries, the same answer, the same cookie.
 * Sources: OWASP ASVS 5.0 6.3.8, 6.6.2, 6.6.3; NIST SP 800-63B-4 section 3.2.2; Better Auth #10605, #10612; L25, L27, L79.
 */
import type { GivenProof } from '../gate.ts'
import type { EmailCodeDoor } from '../mail/door-types.ts'
import { hashOfToken, newToken } from '../sessions/token.ts'
import type { SignIn } from '../types.ts'
import type { DoorSetting } from './password.ts'

const NAME = 'email-code'
const PURPOSE = 'sign-in'
const DENIED: SignIn = { ok: false, reason: 'denied' }

/** Opens the door. */
export function emailCodeDoor(setting: DoorSetting): EmailCodeDoor {
  const { database, mailboxes, codes, names, post, throttle, gate, random, emit, now } = setting

  return {
    async ask({ name }, from) {
      const meant = await mailboxes.meantBy(NAME, name, from)
      if (!meant.ok) return meant
      const { mailbox } = meant
      const { token: browser, hash: challenge } = newToken(random)
      await database.transaction(async (tx) => {
        const code = await codes.issue(tx, { purpose: PURPOSE, challenge, whose: mailbox })
        await post.write(tx, NAME, mailbox?.address, { code })
      })
      if (mailbox) {
        emit({ type: 'authn_code_sent', data: { userId: mailbox.userId, door: NAME, to: mailbox.to } }, from.exchange)
      }
      return { ok: true, browser }
    },

    async signIn({ browser, code, replaces }, from) {
      const admission = await throttle.admit(NAME, undefined, from)
      if (!admission.ok) return { ok: false, reason: 'throttled', retryAfter: admission.retryAfter }
      const challenge = hashOfToken(browser)
      const matched = challenge === undefined ? undefined : await codes.match(PURPOSE, challenge, code)
      if (matched === undefined) {
        await admission.attempt.fail()
        return DENIED
      }
      const { userId, address } = matched
      const user = await database.kysely.selectFrom('hf_users').select('login').where('id', '=', userId).executeTakeFirst()
      const { mark } = names(user?.login ?? '')
      const proof: GivenProof = { door: NAME, amr: 'email', at: now(), credential: { kind: 'mailbox', address } }
      const attempt = { ...admission.attempt, mark }
      const passed = await gate.complete({ userId, from, replaces, attempt, spend: (tx) => codes.spend(tx, challenge!) }, [proof])
      if (passed.ok) await throttle.welcome(mark, from)
      return passed
    },
  }
}
