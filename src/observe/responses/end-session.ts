/** Ends one session. Its user signs in again; whoever copied the cookie cannot. */
import { defineResponse, no } from './response.ts'
import { isRefused, userOf } from './targets.ts'

export const endSession = defineResponse({
  name: 'end-session',
  what: 'Ends one session.',
  subjects: ['session'],
  final: 'A session that ended stays ended; its user signs in again.',
  automatic: { perDay: 5, on: 'actors' },
  async plan({ subject }, levers) {
    const owner = await userOf(subject, levers)
    if (isRefused(owner)) return owner
    return { ok: true, says: `Ends one session of ${owner.login}.`, touches: 1 }
  },
  async act({ subject, by }, levers) {
    const owner = await userOf(subject, levers)
    if (isRefused(owner)) throw new Error(owner.says)
    return (await levers.endSession(owner.id, subject!.value, by)) ? 1 : 0
  },
})

/** What two responses of sessions say when there is none. */
export const NO_SESSION = no('nothing-to-do', 'There is no session to end.')
