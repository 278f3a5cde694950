/** Asks for a new proof of identity: whoever holds only a copied cookie stops there, its owner goes on after a moment. */
import { DAY, defineResponse, HOUR } from './response.ts'
import { isRefused, userOf } from './targets.ts'

const EVERYBODY = '*'

export const requireStepUp = defineResponse({
  name: 'require-step-up',
  what: 'Asks a user, or everybody (`*`), to prove once more who they are before anything that is not public.',
  subjects: ['user', 'session'],
  lasts: { usual: HOUR, most: 30 * DAY },
  automatic: { most: DAY, perDay: 10, on: 'concerned' },
  async plan(asked, levers) {
    if (asked.subject?.value === EVERYBODY && !asked.automatic) {
      const { users } = await levers.countEverybody()
      const says = `Asks ${users} who are signed in for a new proof.`
      return { ok: true, says, touches: users, hold: { kind: 'step-up', user: EVERYBODY } }
    }
    const person = await userOf(asked.subject, levers)
    if (isRefused(person)) return person
    const says = `Asks ${person.login} for a new proof in every session.`
    return { ok: true, says, touches: 1, hold: { kind: 'step-up', user: person.id } }
  },
})
