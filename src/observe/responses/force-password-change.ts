/**
 * Makes a password useless, so that its owner chooses another one by the link of a letter. Asking for a new password at the next sign-in
 * would ask whoever knows the old one; so without an address that is the owner's nothing is done.
 */
import { defineResponse, no } from './response.ts'
import { isRefused, userOf } from './targets.ts'

export const forcePasswordChange = defineResponse({
  name: 'force-password-change',
  what: 'Makes a password useless and ends all sessions; the owner chooses another one by the link of a letter.',
  subjects: ['user'],
  final: 'The password is gone: its owner recovers by mail.',
  async plan({ subject }, levers) {
    const person = await userOf(subject, levers)
    if (isRefused(person)) return person
    if (!person.reachable)
      return no('no-way-back', `${person.login} has no verified address: without the password they could not come back.`)
    return { ok: true, says: `Makes the password of ${person.login} useless.`, touches: 1 }
  },
  async act({ subject, by }, levers) {
    const person = await userOf(subject, levers)
    if (isRefused(person)) throw new Error(person.says)
    return (await levers.voidPassword(person.id, by)) ? 1 : 0
  },
})
