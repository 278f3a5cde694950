/** Ends all sessions and apps of one user, and what their browsers remember. */
import { defineResponse } from './response.ts'
import { NO_SESSION } from './end-session.ts'
import { count, isRefused, userOf } from './targets.ts'

export const endUserSessions = defineResponse({
  name: 'end-user-sessions',
  what: 'Ends all sessions and apps of one user; browsers that remembered them do so no more.',
  subjects: ['user', 'session', 'app'],
  final: 'Sessions that ended stay ended; their user signs in again.',
  automatic: { perDay: 3, on: 'actors' },
  async plan({ subject }, levers) {
    const owner = await userOf(subject, levers)
    if (isRefused(owner)) return owner
    const sessions = await levers.countSessions(owner.id)
    if (sessions === 0) return NO_SESSION
    return { ok: true, says: `Ends ${count(sessions, 'session')} of ${owner.login}.`, touches: sessions }
  },
  async act({ subject, by }, levers) {
    const owner = await userOf(subject, levers)
    if (isRefused(owner)) throw new Error(owner.says)
    return await levers.endSessions(owner.id, by)
  },
})
