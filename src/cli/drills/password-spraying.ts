/** Drill: one password is tried on many accounts, from the addresses of one network. */
import type { Drill } from './drill.ts'

const ACCOUNTS = 40
const address = (index: number) => `203.0.113.${10 + (index % 20)}`

export const passwordSpraying: Drill = {
  name: 'password-spraying',
  what: 'One password is tried on many accounts, from many addresses of one network',
  playbook: 'credential-stuffing',
  detectedBy: ['guessing-everywhere', 'password-spraying', 'credential-stuffing', 'distributed-failures'],
  options: { signIn: { challenge: { failures: 20 } } },
  async play(app) {
    const { password } = await app.user('ada')
    const owner = app.from('198.51.100.7')
    await app.signIn(owner, 'ada', password)
    return {
      async attack() {
        for (let n = 0; n < ACCOUNTS; n++) await app.signIn(app.from(address(n)), `person-${n}`, 'Winter2026!')
      },
      async succeeds() {
        const heard = await Promise.all([0, 5, 10, 15].map((n) => app.from(address(n)).get('/login')))
        return heard.some(({ status }) => status === 200)
      },
      answers: async () => [
        { response: 'tighten-limit', settings: { factor: '2' } },
        { response: 'block-network', subject: { kind: 'network', value: '203.0.113.0/24' } },
      ],
      works: async () =>
        (await owner.get('/account/sessions')).status === 200 && (await app.from(address(1)).get('/login')).status === 200,
    }
  },
}
