import { defineAttack } from '../support/attack.ts'
import { FORM } from '../support/browser.ts'
import { respond } from '../support/responding.ts'

export default [
  defineAttack({
    id: 'A277a',
    title: 'changes something while the application is read-only, by another method or by saying that it is one',
    control: 'containment',
    adapters: 'all',
    async succeeds(app) {
      const { cookie } = await app.signIn('member', 'eve')
      await respond(app, 'read-only')
      const headers = { cookie, origin: app.origin, 'sec-fetch-site': 'same-origin', 'content-type': FORM }
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
        await app.fetch('/notes', { method, headers, body: 'text=changed' })
      for (const override of ['x-http-method-override', 'x-method-override', 'x-http-method'])
        for (const method of ['GET', 'POST'])
          await app.fetch('/notes?_method=POST', {
            method,
            headers: { ...headers, [override]: method === 'GET' ? 'POST' : 'GET' },
            ...(method === 'POST' && { body: 'text=changed' }),
          })
      return app.state.notes.length > 0
    },
  }),
  defineAttack({
    id: 'A277b',
    title: 'reaches a route that was closed, under a spelling that the router takes for it',
    control: 'containment',
    adapters: 'all',
    async succeeds(app) {
      const { cookie } = await app.signIn('admin', 'root')
      await respond(app, 'disable-route', { kind: 'route', value: '/admin' })
      for (const path of [
        '/admin',
        '/Admin',
        '/ADMIN',
        '/admin/',
        '/ADMIN/',
        '//admin',
        '/./admin',
        '/%61dmin',
        '/admin?x',
        '/admin;x',
      ])
        if ((await app.fetch(path, { headers: { cookie } })).text.includes('ADMIN')) return true
      return false
    },
  }),
]
