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
    const others = person.administers ? (await levers.administrators()).filter((id) => id !== person.id) : undefined
    if (others && !(await oneActs(others, levers))) return no('last-administrator', 'Nobody else could administer.')
    const sessions = await levers.countSessions(person.id)
    return {
      ok: true,
      says: `Holds ${person.login}, who is signed in with ${count(sessions, 'session')}.`,
      touches: 1,
      hold: { kind: 'refuse', whom: 'user', id: person.id },
      ...(others && { oneOf: others }),
    }
  },
})

/** Whether one of them can act at this moment. */
async function oneActs(ids: readonly string[], levers: Levers): Promise<boolean> {
  for (const id of ids) if (!(await levers.isHeld(id))) return true
  return false
}
