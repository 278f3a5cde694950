/**
 * Holds an account for a time: whoever asks as it, by session, key or app, is refused; nothing of it is ended or lost. Nobody is locked by
 * failures of sign-in: anybody can make those in another's name.
 */
import type { Levers } from './levers.ts'
import { DAY, defineResponse, HOUR, MINUTE, no } from './response.ts'
import { count, isRefused, userOf } from './targets.ts'

export const lockAccount = defineResponse({
  name: 'lock-account',
  what: 'Holds an account for a time: all its sessions, keys and apps are refused, and work again afterwards.',
  subjects: ['user'],
  lasts: { usual: HOUR, most: 30 * DAY },
  automatic: { most: 15 * MINUTE, perDay: 3, on: 'actors' },
  async plan({ subject, automatic }, levers) {
    const person = await userOf(subject, levers)
    if (isRefused(person)) return person
    if (person.administers && automatic)
      return no('needs-a-person', `${person.login} administers: a person decides whether they are locked.`)
    if (person.administers && !(await someoneElse(person.id, levers)))
      return no('last-administrator', `Nobody else than ${person.login} could administer.`)
    const sessions = await levers.countSessions(person.id)
    return {
      ok: true,
      says: `Holds ${person.login}, who is signed in with ${count(sessions, 'session')}.`,
      touches: 1,
      hold: { kind: 'refuse', whom: 'user', id: person.id },
    }
  },
})

/** Whether somebody else administers who can act at this moment. */
async function someoneElse(id: string, levers: Levers): Promise<boolean> {
  for (const other of await levers.administrators()) if (other !== id && !(await levers.isHeld(other))) return true
  return false
}
