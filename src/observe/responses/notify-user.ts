/** Tells the owner of an account by a letter that something unusual was seen, with the link "this was not me". */
import { defineResponse, no } from './response.ts'
import { isRefused, userOf } from './targets.ts'

export const notifyUser = defineResponse({
  name: 'notify-user',
  what: 'Writes a letter to the owner of an account that something unusual was seen, with a link that takes the account back.',
  subjects: ['user', 'session', 'api-key', 'app'],
  final: 'A letter that was written is not taken back.',
  automatic: { perDay: 1, on: 'concerned' },
  async plan({ subject }, levers) {
    const person = await userOf(subject, levers)
    if (isRefused(person)) return person
    if (!person.reachable) return no('nothing-to-do', `${person.login} has no address of mail that is known to be theirs.`)
    return { ok: true, says: `Writes a letter to ${person.login}.`, touches: 1 }
  },
  async act({ subject }, levers) {
    const person = await userOf(subject, levers)
    if (isRefused(person)) throw new Error(person.says)
    return (await levers.tellOwner(person.id)) ? 1 : 0
  },
})
