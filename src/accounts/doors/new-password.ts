/**
 * The door behind a password that was right and lets nobody in any more: it has had its time, or the second factor went and it is too
 * short to be alone. Who came this far chooses another one and signs in with that; until then there is no session.
 * Source: NIST SP 800-63B-4 section 3.1.1.2.
 */
import { holdProofs } from '../proofs.ts'
import type { NewPasswordDoor } from '../recovery/types.ts'
import type { DoorSetting } from './password.ts'
import { choosingOf, chosenOf } from './recovery.ts'

const FOR = 'new-password'

/** Opens the door. */
export function newPasswordDoor(setting: DoorSetting): NewPasswordDoor {
  const { pendings, gate, credentials } = setting
  return {
    async read(pending) {
      const waiting = await pendings.read(pending, FOR)
      return waiting && (await choosingOf(setting, waiting.userId))
    },

    async set({ pending, password }, { exchange }) {
      const waiting = await pendings.read(pending, FOR)
      if (!waiting) return { ok: false, reason: 'expired' }
      const { userId, proof } = waiting
      const chosen = await chosenOf(
        credentials.replace({
          userId,
          password,
          actor: { kind: 'user', id: userId },
          happening: 'password-set',
          // The version that was right then must be the one there is: of many at once one gets through.
          admit: async (tx, user) => gate.admits(user.status) && (await holdProofs(tx, userId, [proof])),
          exchange,
        }),
      )
      if (chosen.ok || chosen.reason === 'expired') await pendings.consume(pending, FOR)
      return chosen
    },
  }
}
