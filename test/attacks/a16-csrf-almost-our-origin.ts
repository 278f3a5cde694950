import { defineAttack } from '../support/attack.ts'
import { FORM } from '../support/browser.ts'

export default [
  defineAttack({
    id: 'A16',
    title: 'posts from the plain http twin of an https site, which anyone on the way can write',
    control: 'csrf',
    tls: true,
    async succeeds(app) {
      const { cookie } = await app.signIn('member')
      const origin = `http://localhost:${app.port}`
      await app.fetch('/notes', { method: 'POST', headers: { cookie, origin, 'content-type': FORM }, body: 'text=owned' })
      return app.state.notes.includes('owned')
    },
  }),
  defineAttack({
    id: 'A17',
    title: 'posts from origins that begin or end like ours, or differ in the port',
    control: 'csrf',
    adapters: 'all',
    async succeeds(app) {
      const { cookie } = await app.signIn('member')
      const { port } = app
      const origins = [
        ...[`http://localhost:${port}.evil.example`, `http://evillocalhost:${port}`, `http://localhost.evil.example:${port}`],
        ...['http://localhost', `http://localhost:${port + 1}`, `http://localhost:${port}0`, `https://localhost:${port}`],
        ...[
          `http://LOCALHOST:${port}`,
          `http://localhost:${port}/`,
          `http://localhost:${port}@evil.example`,
          `http://localhost.:${port}`,
        ],
      ]
      for (const origin of origins) {
        await app.fetch('/notes', { method: 'POST', headers: { cookie, origin, 'content-type': FORM }, body: 'text=owned' })
      }
      return app.state.notes.includes('owned')
    },
  }),
]
