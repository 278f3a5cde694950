/**
 * The door of the second factor: a code of an authenticator app, a recovery code, or what a passkey or security key signed. It opens
 * to a sign-in that waits for it, and to a living session that needs a stronger or a newer proof; in both it takes this user's own
 * alone (L09; GHSA-f66q-9rf6-8795). Whatever the kind, failures count in one place (L04; CVE-2024-32868).
 * Sources: OWASP Multifactor Authentication Cheat Sheet; NIST SP 800-63B-4 section 3.2.2; OWASP ASVS 5.0 6.5.
 */
import { kindsAsked, whoIsAsked, type Asked } from '../factors/asked.ts'
import { readCode } from '../factors/index.ts'
import { judge } from '../factors/passkey.ts'
import { passkeysOf, toDescriptor } from '../passkeys/find.ts'
import type { GivenProof, Passed } from '../gate.ts'
import type { Attempt } from '../throttle/throttle.ts'
import type { Origin, SecondFactorDoor, SecondProof, SignIn } from '../types.ts'
import type { DoorSetting } from './password.ts'

interface Try<Answer> extends Pick<Asked, 'userId' | 'holder'> {
  readonly mark: string
  /** As it was typed, or brought back. */
  readonly given: SecondProof
  readonly from: Origin
  /** What the gate is asked for when it fits. */
  readonly enter: (attempt: Attempt, proof: GivenProof) => Promise<Answer>
}

const NAME = 'second-factor'
const DENIED: SignIn = { ok: false, reason: 'denied' }
const EXPIRED = { ok: false, reason: 'expired' } as const

/** Opens the door. */
export function secondFactorDoor(setting: DoorSetting): SecondFactorDoor {
  const { factorThrottle, throttle, pendings, gate, names, sessions, passkeys, database, now } = setting
  const { kysely } = database

  async function ofCode({ userId, holder }: Try<unknown>, typed: string): Promise<GivenProof | undefined> {
    const read = readCode(typed)
    const credential = await read?.factor.match(setting, { userId, holder, code: read.code })
    return credential && { door: credential.kind, amr: read!.factor.amr, at: now(), credential }
  }

  async function proofOf(one: Try<unknown>): Promise<GivenProof | undefined> {
    const { userId, holder, given } = one
    if ('code' in given) return await ofCode(one, given.code)
    const { response } = given
    const { exchange } = one.from
    const judged = await judge({ ...setting, ...passkeys }, { ceremony: 'second-factor', holder, userId, response, exchange })
    const { credential, amr } = judged
    return credential && amr && { door: credential.kind, amr, at: now(), credential }
  }

  async function attempt<Answer>(one: Try<Answer>): Promise<Answer | SignIn> {
    const admission = await factorThrottle.admit(NAME, one.mark, one.from)
    if (!admission.ok) return { ok: false, reason: 'throttled', retryAfter: admission.retryAfter }
    const proof = await proofOf(one)
    if (proof) return await one.enter(admission.attempt, proof)
    await admission.attempt.fail(one.userId)
    return DENIED
  }

  return {
    async waits(pending) {
      return (await pendings.read(pending)) !== undefined
    },

    async kinds(asked) {
      const who = await whoIsAsked(setting, asked)
      return who ? await kindsAsked(setting, asked, who) : []
    },

    async challenge(asked) {
      const who = await whoIsAsked(setting, asked)
      const allowed = who ? (await passkeysOf(kysely, who.userId)).map(toDescriptor) : []
      if (who === undefined || allowed.length === 0 || passkeys.party === undefined) return undefined
      const challenge = await passkeys.challenges.issue({ ceremony: 'second-factor', userId: who.userId, holder: who.holder })
      return await passkeys.party.ask(challenge, 'preferred', allowed)
    },

    async signIn({ pending, replaces, ...given }, from) {
      const waiting = await pendings.read(pending)
      if (!waiting) return EXPIRED
      const { userId, mark } = waiting

      /** Of many with the same token one comes to the gate, and what it waited for is over, whatever the gate says. */
      async function enter(leave: Attempt, proof: GivenProof): Promise<Passed | typeof EXPIRED> {
        const won = await pendings.consume(pending)
        if (!won) {
          await leave.cancel()
          return EXPIRED
        }
        const passed = await gate.complete({ userId, from, attempt: leave, replaces }, [won.proof, proof])
        if (passed.ok) await throttle.welcome(mark, from)
        return passed
      }
      return await attempt({ userId, holder: pending, mark, given, from, enter })
    },

    async proveAgain({ token, ...given }, from) {
      const live = await sessions.find(token, now())
      if (!live.ok) return DENIED
      const { id: userId, login } = live.principal
      const enter = (leave: Attempt, proof: GivenProof) => gate.strengthen({ userId, from, attempt: leave, token }, proof)
      return await attempt({ userId, holder: live.session.id, mark: names(login).mark, given, from, enter })
    },

    async cancel(pending) {
      await pendings.consume(pending)
    },
  }
}
