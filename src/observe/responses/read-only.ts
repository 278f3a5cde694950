/** Lets nobody change anything for a time: to look at what happened, while people can still read. A second person approves it. */
import { DAY, defineResponse, HOUR } from './response.ts'

export const readOnly = defineResponse({
  name: 'read-only',
  what: 'Refuses every request that changes something, of everybody; signing in and out go on.',
  subjects: [],
  lasts: { usual: HOUR, most: 7 * DAY },
  needsSecond: () => true,
  async plan(_asked, levers) {
    const { users } = await levers.countEverybody()
    return { ok: true, says: `Nothing can be changed; ${users} are signed in.`, touches: users, hold: { kind: 'read-only' } }
  },
})
