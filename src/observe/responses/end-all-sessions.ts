/** Ends every session of everybody: for keys or a database that somebody else has read. A second person approves it. */
import { defineResponse } from './response.ts'
import { NO_SESSION } from './end-session.ts'
import { count } from './targets.ts'

export const endAllSessions = defineResponse({
  name: 'end-all-sessions',
  what: 'Ends all sessions and apps of everybody, administrators and yourself included.',
  subjects: [],
  final: 'Sessions that ended stay ended; everybody signs in again.',
  needsSecond: () => true,
  async plan(_asked, levers) {
    const { users, sessions } = await levers.countEverybody()
    if (sessions === 0) return NO_SESSION
    return { ok: true, says: `Ends ${count(sessions, 'session')} of ${count(users, 'user')}.`, touches: sessions }
  },
  act: ({ by }, levers) => levers.endEverybodys(by),
})
