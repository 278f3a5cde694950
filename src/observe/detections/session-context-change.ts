/** A session goes on in another browser than it began in: its cookie may have been copied. */
import { defineDetection } from '../detecting/definition.ts'
import { address, answer, FIREFOX, SAFARI } from '../detecting/replay.ts'
import { clientOf, type AnswerSignal } from '../detecting/signal.ts'
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
  start: ({ once }) =>
    once({
      by: (answer) => (isElsewhere(answer) ? `${answer.session?.id} ${describeDevice(answer.agent)}` : undefined),
      tell(answer) {
        const { session, agent, network, principal = '' } = answer
        const moved = session!.network !== network
        const why = `a session of ${describeDevice(session!.agent)} is used by ${describeDevice(agent)}${moved ? ' from another network' : ''}`
        return {
          why,
          actors: [clientOf(answer), { kind: 'session', value: session!.id }],
          targets: [{ kind: 'user', value: principal }],
          ...(moved && { severity: 'high', automatic: ['end-session'] }),
        }
      },
    }),
})

/** A phone that shows the desktop's page calls its system another, and not its browser. */
function isElsewhere({ session, agent, network, principal }: AnswerSignal): boolean {
  if (session === undefined || principal === undefined || session.agent === agent) return false
  const [[browser, system], [nowBrowser, nowSystem]] = [partsOf(session.agent), partsOf(agent)]
  return browser !== nowBrowser || (system !== nowSystem && session.network !== network)
}

/** Browser and system. */
function partsOf(agent: string): readonly string[] {
  return describeDevice(agent).split(' on ')
}
