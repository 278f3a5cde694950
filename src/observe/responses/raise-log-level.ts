/** Writes a line for every request of one subject, for a time: to see what somebody does before it is stopped. */
import { DAY, defineResponse, HOUR, no } from './response.ts'
import { clientNetwork } from './targets.ts'

export const raiseLogLevel = defineResponse({
  name: 'raise-log-level',
  what: 'Tells every request of one client, user, session, key or app in the log, for a time.',
  subjects: ['client', 'user', 'session', 'api-key', 'app'],
  lasts: { usual: HOUR, most: 7 * DAY },
  automatic: { most: HOUR, perDay: 24, on: 'concerned' },
  async plan({ subject }, levers) {
    const value = subject!.kind === 'client' ? clientNetwork(subject!.value) : subject!.value
    if (value === undefined) return no('subject-unfit', `"${subject!.value.slice(0, 60)}" is no address.`)
    const says = `Tells every request of ${await levers.describe(subject!)}.`
    return { ok: true, says, touches: 1, hold: { kind: 'watch', subject: { kind: subject!.kind, value } } }
  },
})
