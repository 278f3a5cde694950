/** Attacks with tokens that are stolen, ended, forged, or somebody else's, and by people who are signed in. */
import { randomBytes, randomUUID } from 'node:crypto'
import { DAY, each, far, MINUTE, SECOND, type OwnAttack } from './own-attack.ts'
import { IPHONE, PASSWORD, type Client, type Panel } from './panel.ts'

const SESSION = 'hf_sid_localhost'
const REMEMBER = 'hf_remember_localhost'

async function signedIn(panel: Panel, address = '203.0.113.1'): Promise<Client> {
  if (!(await panel.holdfast.accounts.users.byLogin('bob'))) await panel.user('bob')
  const bob = panel.client(address)
  await bob.signIn('bob')
  return bob
}

export const onSessions: readonly OwnAttack[] = [
  {
    detection: 'session-context-change',
    async run(panel) {
      const bob = await signedIn(panel)
      const thief = panel.client('198.51.100.9', IPHONE)
      thief.cookies.set(SESSION, bob.cookies.get(SESSION)!)
      await thief.send('/dashboard')
    },
  },
  {
    detection: 'session-after-end',
    async run(panel) {
      const bob = await signedIn(panel)
      const stolen = bob.cookies.get(SESSION)!
      await bob.send('/logout', { form: {} })
      await each(4, async () => {
        const thief = panel.client('198.51.100.9')
        thief.cookies.set(SESSION, stolen)
        await thief.send('/dashboard')
        panel.advance(5 * SECOND)
      })
    },
  },
  {
    detection: 'forged-session',
    run: (panel) =>
      each(11, async () => {
        const thief = panel.client('198.51.100.9')
        thief.cookies.set(SESSION, randomBytes(32).toString('base64url'))
        await thief.send('/dashboard')
      }),
  },
  {
    detection: 'refresh-token-reuse',
    async run(panel) {
      await panel.user('bob')
      const bob = panel.client('203.0.113.1')
      await bob.signIn('bob', PASSWORD, { remember: 'on' })
      const stolen = bob.cookies.get(REMEMBER)!
      bob.cookies.delete(SESSION)
      panel.advance(DAY)
      const navigates = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
      await bob.send('/', { headers: navigates })
      panel.advance(MINUTE)
      const thief = panel.client('203.0.113.1')
      thief.cookies.set(REMEMBER, stolen)
      await thief.send('/', { headers: navigates })
    },
  },
  {
    detection: 'token-forgery',
    run: (panel) =>
      each(4, (index) => {
        const authorization = `Bearer hf_key_${'A'.repeat(11)}_${String(index).repeat(49)}`
        return panel.client('198.51.100.9').send('/api/me', { headers: { authorization } })
      }),
  },
  {
    detection: 'csrf-burst',
    async run(panel) {
      const bob = await signedIn(panel)
      const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
      await each(4, () => bob.send('/dashboard', { form: { title: 'x', text: 'x' }, headers }))
    },
  },
  {
    detection: 'object-sweep',
    async run(panel) {
      const bob = await signedIn(panel)
      await each(11, () => bob.send(`/dashboard/notes/${randomUUID()}`))
    },
  },
  {
    detection: 'mass-read',
    async before(panel) {
      const bob = await signedIn(panel)
      await each(60, (index) => bob.send('/api/notes', { json: { title: `note ${index}`, text: 'text' } }))
      panel.advance(DAY)
    },
    async run(panel) {
      const bob = await signedIn(panel)
      await each(17, () => bob.send('/api/notes'))
    },
  },
  {
    detection: 'honeytoken',
    run: (panel) => panel.client(far(1)).send('/.env'),
  },
]
