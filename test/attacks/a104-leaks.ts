import { defineAttack } from '../support/attack.ts'
import { reachesRouter } from '../support/disguise.ts'

export default [
  defineAttack({
    id: 'A104a',
    title: 'an error shows what the application is made of',
    control: 'headers',
    adapters: 'all',
    without: { heldBy: 'start-up', why: 'there is no option that shows an error to a client, in no mode' },
    async succeeds(app) {
      const { status, text, headers } = await app.fetch('/boom')
      if (status !== 500) throw new Error(`the route that throws answered ${status}`)
      return /secret|stack|select|\.ts\b|node_modules/i.test(text + JSON.stringify(headers))
    },
  }),
  defineAttack({
    id: 'A104b',
    title: 'TRACE echoes headers that script may not see',
    control: 'target',
    adapters: 'all',
    without: { target: false, csrf: false },
    succeeds: (app) => reachesRouter(app, '/me', { method: 'TRACE' }),
  }),
  defineAttack({
    id: 'A104c',
    title: 'headers say which software answers, and a policy of the application replaces ours',
    control: 'headers',
    adapters: 'all',
    async succeeds(app) {
      const { headers } = await app.fetch('/leaky')
      return 'server' in headers || 'x-powered-by' in headers || headers['content-security-policy'] === 'default-src *'
    },
  }),
  defineAttack({
    id: 'A104d',
    title: 'a shared cache keeps a private page, or a file that a signed-in person asked for',
    control: 'headers',
    adapters: 'all',
    async succeeds(app) {
      const { cookie } = await app.signIn('member')
      for (const path of ['/me', '/me?x=.css', '/static/app.css']) {
        const { headers } = await app.fetch(path, { headers: { cookie } })
        if (headers['cache-control'] !== 'no-store') return true
      }
      return false
    },
  }),
]
