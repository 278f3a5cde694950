/** Drill: somebody acts at night as an administrator who works by day, and makes an administrator of another account. */
import type { Drill } from './drill.ts'

const HOUR = 3_600_000
/** So many working days must be known before an hour can be odd. */
const DAYS = 31
const BY = { kind: 'system', id: 'drill' } as const

export const insiderMisuse: Drill = {
  name: 'insider-misuse',
  what: 'An administrator who works by day gives another account all rights at night',
  playbook: 'insider-misuse',
  detectedBy: ['privilege-change-odd'],
  async play(app) {
    const [insider, accomplice, honest] = [
      await app.user('mallory', undefined, 'admin'),
      await app.user('oscar'),
      await app.user('root', undefined, 'admin'),
    ]
    const [desk, other] = [app.from('203.0.113.66'), app.from('198.51.100.7')]
    for (let day = 0; day < DAYS; day++) {
      await app.signIn(desk, 'mallory', insider.password)
      app.later(24 * HOUR)
    }
    const gives = async (who: typeof desk, role: string) => (await who.post(`/roles/${accomplice.id}/${role}`)).status === 200
    return {
      async attack() {
        app.later(13 * HOUR)
        await app.signIn(desk, 'mallory', insider.password)
        await gives(desk, 'admin')
      },
      succeeds: () => gives(desk, 'admin'),
      answers: async () => [
        { response: 'lock-account', subject: { kind: 'user', value: insider.id } },
        { response: 'lock-account', subject: { kind: 'user', value: accomplice.id } },
      ],
      // Before the holds are over the rights are taken away.
      async recover() {
        for (const { id } of [insider, accomplice]) await app.holdfast.accounts.users.setRoles(id, ['member'], BY)
      },
      async works() {
        await app.signIn(other, 'root', honest.password)
        await app.signIn(desk, 'mallory', insider.password)
        return (await gives(other, 'member')) && !(await gives(desk, 'admin'))
      },
    }
  },
}
