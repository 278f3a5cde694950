/** Notes that a decoy is known to be one: it was found, and proves nothing any more. */
import { DAY, defineResponse, no } from './response.ts'

export const markHoneytoken = defineResponse({
  name: 'mark-honeytoken',
  what: 'Notes that a decoy (a route, a key, an account) was found out, so that nobody relies on it.',
  subjects: ['route', 'api-key', 'user', 'login', 'session'],
  lasts: { usual: 365 * DAY, most: 365 * DAY },
  automatic: { most: 365 * DAY, perDay: 1, on: 'concerned' },
  async plan({ subject }) {
    if (subject === undefined) return no('subject-missing', 'Name the decoy.')
    const says = `Notes that the decoy ${subject.kind} ${subject.value} was found out.`
    return { ok: true, says, touches: 1, hold: { kind: 'burned', subject } }
  },
})
