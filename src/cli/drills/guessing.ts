/** Drill: somebody guesses the password of one account. */
import type { Drill } from './drill.ts'

const ATTACKER = '203.0.113.66'
const GUESSES = 12

export const guessing: Drill = {
  name: 'guessing',
  what: 'Somebody guesses the password of one account, from one address',
  playbook: 'credential-stuffing',
  detectedBy: ['guessing-one-account', 'brute-force-account', 'brute-force-address'],
  async play(app) {
    const { password } = await app.user('ada')
    await app.user('bob')
    const owner = app.from('198.51.100.7')
    await app.signIn(owner, 'ada', password)
    const attacker = app.from(ATTACKER)
    return {
      async attack() {
        for (let n = 0; n < GUESSES; n++) await app.signIn(attacker, 'ada', `wrong guess number ${n}`)
      },
      // The next account gets a hearing as long as the address does.
      succeeds: async () => (await app.signIn(attacker, 'bob', 'another wrong guess')).status !== 429,
      answers: async () => [{ response: 'block-client', subject: { kind: 'client', value: ATTACKER } }],
      works: async () => (await owner.get('/')).status === 200 && (await owner.get('/account/sessions')).status === 200,
    }
  },
}
