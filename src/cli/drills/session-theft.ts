/** Drill: the cookie of a session was copied, and is used from another browser. */
import type { Drill } from './drill.ts'

const OWNER = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const THIEF =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1'

export const sessionTheft: Drill = {
  name: 'session-theft',
  what: 'The cookie of a session was copied, and is used from another browser and another network',
  playbook: 'session-theft',
  detectedBy: ['session-context-change'],
  async play(app) {
    const { id, password } = await app.user('ada')
    const [owner, thief] = [app.from('198.51.100.7'), app.from('203.0.113.66')]
    const signIn = () => owner.post('/login', { form: { login: 'ada', password }, headers: { 'user-agent': OWNER } })
    await signIn()
    const asks = (path: string) => thief.get(path, { headers: { 'user-agent': THIEF } })
    return {
      async attack() {
        for (const [name, value] of owner.cookies) thief.cookies.set(name, value)
        await asks('/account/sessions')
      },
      succeeds: async () => (await asks('/account/sessions')).status === 200,
      answers: async () => [{ response: 'end-user-sessions', subject: { kind: 'user', value: id } }],
      async works() {
        const again = await signIn()
        return again.status === 303 && (await owner.get('/account/sessions', { headers: { 'user-agent': OWNER } })).status === 200
      },
    }
  },
}
