/** A session goes on in another browser than it began in: its cookie may have been copied. */
import { defineDetection } from '../detecting/definition.ts'
import { address, answer, FIREFOX, SAFARI } from '../detecting/replay.ts'
import { clientOf } from '../detecting/signal.ts'
import { describeDevice } from '../../http/device.ts'

const began = { id: 's1', agent: FIREFOX, network: '203.0.113.7' }
const used = (agent: string, client: string) => answer({ principal: 'u1', agent, client, session: began })

export const sessionContextChange = defineDetection({
  name: 'session-context-change',
  severity: 'medium',
  why: 'A session is used by another browser than it was begun with, as when its cookie was stolen.',
  anchors: ['T1539', 'AppSensor SE5', 'AppSensor SE6'],
  needs: ['answer'],
  thresholds: {},
  automatic: [],
  offered: ['end-session', 'require-step-up', 'notify-user'],
  replay: {
    fires: () => [used(FIREFOX, '203.0.113.7'), used(SAFARI, address(1))],
    nearMiss: () => [used(FIREFOX.replaceAll('140.0', '141.0'), '203.0.113.7'), used(FIREFOX, address(1))],
  },
  start({ fire }) {
    return {
      answer(signal) {
        const { session, agent, network, principal } = signal
        if (session === undefined || principal === undefined || session.agent === agent) return
        const [before, now] = [partsOf(session.agent), partsOf(agent)]
        const moved = session.network !== network
        // A phone that shows the desktop's page calls its system another, and not its browser.
        if (before.browser === now.browser && (before.system === now.system || !moved)) return
        const why = `a session of ${before.text} is used by ${now.text}${moved ? ' from another network' : ''}`
        fire(
          {
            key: `${session.id} ${now.text}`,
            actors: [clientOf(signal), { kind: 'session', value: session.id }],
            targets: [{ kind: 'user', value: principal }],
            why,
            ...(moved && { severity: 'high', automatic: ['end-session'] }),
          },
          signal,
        )
      },
    }
  },
})

function partsOf(agent: string) {
  const text = describeDevice(agent)
  const [browser, system] = text.split(' on ')
  return { text, browser, system }
}
