/** Drill: one client sends as many requests as it can. */
import type { Drill } from './drill.ts'

const REQUESTS = 500
const AT_ONCE = 25
/** Between two lines of the log about the same refusal. */
const NEXT_LINE = 1100

export const flood: Drill = {
  name: 'flood',
  what: 'One client sends as many requests as it can',
  playbook: 'flood',
  detectedBy: ['flood', 'forced-browsing', 'protocol-abuse'],
  options: { rateLimit: { limits: { client: '120/min' } } },
  async play(app) {
    const [attacker, visitor] = [app.from('203.0.113.66'), app.from('198.51.100.7')]
    return {
      async attack() {
        for (let n = 0; n < REQUESTS; n += AT_ONCE) await Promise.all(Array.from({ length: AT_ONCE }, () => attacker.get('/')))
        app.later(NEXT_LINE)
        for (let n = 0; n < 5; n++) await attacker.get('/')
      },
      // What trickles back into the limit is theirs again.
      async succeeds() {
        app.later(5000)
        const answers = await Promise.all(Array.from({ length: 5 }, () => attacker.get('/')))
        return answers.some(({ status }) => status === 200)
      },
      answers: async () => [
        { response: 'tighten-limit', settings: { factor: '2' } },
        { response: 'block-client', subject: { kind: 'client', value: '203.0.113.66' }, settings: { everybody: 'yes' } },
      ],
      works: async () => (await visitor.get('/')).status === 200,
    }
  },
}
