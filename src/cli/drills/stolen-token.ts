/** Drill: the refresh token of an app was copied, and both use it. */
import type { Answer } from '../../testing/client.ts'
import type { Drill } from './drill.ts'

const MINUTE = 60_000

export const stolenToken: Drill = {
  name: 'stolen-token',
  what: 'The refresh token of an app was copied, and is used after its app did',
  playbook: 'leaked-api-key',
  detectedBy: ['token-reused', 'refresh-token-reuse'],
  options: { accessTokens: { accept: 'everywhere' } },
  async play(app) {
    const { id, password } = await app.user('ada')
    const [phone, thief] = [app.from('198.51.100.7'), app.from('203.0.113.66')]
    const signIn = async () =>
      tokensOf(await phone.post('/login', { json: { login: 'ada', password, as: 'token', client: 'Phone' } }))
    const { refresh_token: copied } = await signIn()
    const other = await thief.post('/login', { json: { login: 'ada', password, as: 'token', client: 'Copy' } })
    const { access_token: stolen } = tokensOf(other)
    const asThief = () => thief.get('/', { headers: { authorization: `Bearer ${stolen}` } })
    return {
      async attack() {
        tokensOf(await phone.post('/auth/refresh', { json: { refresh_token: copied } }))
        app.later(MINUTE)
        await thief.post('/auth/refresh', { json: { refresh_token: copied } })
      },
      // The family of the copied token ended by itself; what else the thief signed in with lives on.
      succeeds: async () => (await asThief()).status === 200,
      answers: async () => [{ response: 'end-user-sessions', subject: { kind: 'user', value: id } }],
      works: async () => (await signIn()).access_token !== '',
    }
  },
}

function tokensOf({ status, text }: Answer): { readonly access_token: string; readonly refresh_token: string } {
  if (status !== 200) throw new Error(`The drill got no tokens: ${status} ${text.slice(0, 200)}`)
  return JSON.parse(text) as { access_token: string; refresh_token: string }
}
