/** Drill: a member looks for a page of administrators that somebody forgot to close. */
import type { Drill } from './drill.ts'

const PAGES = 20
const page = (n: number) => `/admin/page-${n}`

export const privilegeEscalation: Drill = {
  name: 'privilege-escalation',
  what: 'A member asks for one page of administrators after the other',
  playbook: 'privilege-escalation',
  detectedBy: ['admin-probing'],
  async play(app) {
    const { id, password } = await app.user('mallory')
    const { password: own } = await app.user('ada')
    const [member, other] = [app.from('203.0.113.66'), app.from('198.51.100.7')]
    await app.signIn(member, 'mallory', password)
    return {
      async attack() {
        for (let n = 0; n < PAGES; n++) await member.get(page(n))
      },
      // No page was open to them. As long as they may look, they look for the one that is not.
      succeeds: async () => (await member.get('/notes')).status === 200,
      answers: async () => [{ response: 'lock-account', subject: { kind: 'user', value: id } }],
      works: async () =>
        (await app.signIn(other, 'ada', own)).status === 303 && (await app.signIn(member, 'mallory', password)).status === 303,
    }
  },
}
