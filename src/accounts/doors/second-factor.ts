/**
 * The door of the second factor: a code of an authenticator app, or a recovery code. It opens to a sign-in that waits for it, and
 * to a living session that needs a stronger or a newer proof; in both it takes this user's own codes only (L09).
 * Whatever the kind, failures count in one place (L04; CVE-2024-32868).
 * Sources: OWASP Multifactor Authentication Cheat Sheet; NIST SP 800-63B-4 section 3.2.2; OWASP ASVS 5.0 6.5.
 */
import { readCode } from '../factors/index.ts'
import type { GivenProof, Passed } from '../gate.ts'
import type { Attempt } from '../throttle.ts'
import type { Origin, SecondFactorDoor, SignIn } from '../types.ts'
import type { DoorSetting } from './password.ts'

interface Try<Answer> {
  readonly userId: string
  /** What a code that was sent is bound to. */
  readonly holder: string
  readonly mark: string
  /** As it was typed. */
  readonly code: string
  readonly from: Origin
  /** What the gate is asked for when the code fits. */
  readonly enter: (attempt: Attempt, proof: GivenProof) => Promise<Answer>
}

const NAME = 'second-factor'
const DENIED: SignIn = { ok: false, reason: 'denied' }
const EXPIRED = { ok: false, reason: 'expired' } as const

/** Opens the door. */
export function secondFactorDoor(setting: DoorSetting): SecondFactorDoor {
  const { factorThrottle, throttle, pendings, gate, names, sessions, now } = setting

  async function proofOf({ userId, holder, code: typed }: Try<unknown>): Promise<GivenProof | undefined> {
    const read = readCode(typed)
    const credential = await read?.factor.match(setting, { userId, holder, code: read.code })
    return credential && { door: credential.kind, amr: read!.factor.amr, at: now(), credential }
  }

  async function attempt<Answer>(one: Try<Answer>): Promise<Answer | SignIn> {
    const { userId, mark, from, enter } = one
    const admission = await factorThrottle.admit(NAME, mark, from)
    if (!admission.ok) return { ok: false, reason: 'throttled', retryAfter: admission.retryAfter }
    const proof = await proofOf(one)
    if (proof) return await enter(admission.attempt, proof)
    await admission.attempt.fail(userId)
    return DENIED
  }

  return {
    async waits(pending) {
      return (await pendings.read(pending)) !== undefined
    },

    async signIn({ pending, code, replaces }, from) {
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
      return await attempt({ userId, holder: pending, mark, code, from, enter })
    },

    async proveAgain({ token, code }, from) {
      const live = await sessions.find(token, now())
      if (!live.ok) return DENIED
      const { id: userId, login } = live.principal
      const enter = (leave: Attempt, proof: GivenProof) => gate.strengthen({ userId, from, attempt: leave, token }, proof)
      return await attempt({ userId, holder: live.session.id, mark: names(login).mark, code, from, enter })
    },

    async cancel(pending) {
      await pendings.consume(pending)
    },
  }
}
