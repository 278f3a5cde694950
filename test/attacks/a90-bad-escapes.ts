import { defineAttack } from '../support/attack.ts'
import { reachesRouter } from '../support/disguise.ts'

export default [
  defineAttack({
    id: 'A90a',
    title: 'escapes that cannot be decoded make the application throw',
    control: 'target',
    adapters: 'all',
    async succeeds(app) {
      for (const path of ['/%', '/a%zz', '/%ff', '/%ed%a0%80', '/?x=%', '/?x=%zz'])
        if (await reachesRouter(app, path)) return true
      return false
    },
  }),
  defineAttack({
    id: 'A90b',
    title: 'a cookie that cannot be decoded makes the application throw',
    control: 'session',
    adapters: 'all',
    without: { heldBy: 'start-up', why: 'cookies are compared as they are; nothing decodes them' },
    succeeds: async (app) => (await app.fetch('/', { headers: { cookie: 'a=%; b=%zz; %=%' } })).status !== 200,
  }),
]
