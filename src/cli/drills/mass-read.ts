/** Drill: a member carries away all customers, page by page, which they may read one by one. */
import type { Drill } from './drill.ts'

const PAGES = 8

export const massRead: Drill = {
  name: 'mass-read',
  what: 'A member reads one page of customers after the other, and carries them away',
  playbook: 'mass-read',
  detectedBy: ['mass-read'],
  async play(app) {
    const { id, password } = await app.user('mallory')
    await app.user('ada')
    const [reader, other] = [app.from('203.0.113.66'), app.from('198.51.100.7')]
    await app.signIn(reader, 'mallory', password)
    await app.signIn(other, 'ada', password)
    return {
      async attack() {
        for (let page = 0; page < PAGES; page++) await reader.get('/customers')
      },
      // Slower is not stopped.
      succeeds: async () => (await reader.get('/customers')).status === 200,
      answers: async () => [
        { response: 'lock-account', subject: { kind: 'user', value: id } },
        { response: 'disable-route', subject: { kind: 'route', value: 'GET /customers' } },
      ],
      works: async () => (await other.get('/customers')).status === 200,
    }
  },
}
