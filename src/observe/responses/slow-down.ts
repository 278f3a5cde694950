/** Makes all limits tighter for one client or one user: who floods waits, and who is there by mistake gets through. */
import { DAY, defineResponse, HOUR, MINUTE, no } from './response.ts'
import { clientNetwork, isRefused, numberSetting, userOf } from './targets.ts'

export const slowDown = defineResponse({
  name: 'slow-down',
  what: 'Makes all limits tighter for one client or one user: each of their requests takes `factor` from them.',
  subjects: ['client', 'user', 'session', 'api-key', 'app'],
  settings: { factor: 'how many each request takes, 2 to 100 [10]' },
  lasts: { usual: HOUR, most: 7 * DAY },
  automatic: { most: 30 * MINUTE, perDay: 12, on: 'actors' },
  async plan(asked, levers) {
    const factor = numberSetting(asked, 'factor', 10, 2, 100)
    if (isRefused(factor)) return factor
    if (asked.subject?.kind === 'client') {
      const network = clientNetwork(asked.subject.value)
      if (network === undefined) return no('subject-unfit', `"${asked.subject.value.slice(0, 60)}" is no address.`)
      const why = levers.neverBlocked(network)
      if (why !== undefined) return no('never-blocked', `${network} is never slowed down: ${why}.`)
      const says = `Each request of ${network} takes ${factor} from its limits.`
      return { ok: true, says, touches: 1, hold: { kind: 'slow', factor, whom: 'client', id: network } }
    }
    const person = await userOf(asked.subject, levers)
    if (isRefused(person)) return person
    const says = `Each request of ${person.login} takes ${factor} from their limits.`
    return { ok: true, says, touches: 1, hold: { kind: 'slow', factor, whom: 'user', id: person.id } }
  },
})
