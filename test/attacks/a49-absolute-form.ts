import { defineAttack } from '../support/attack.ts'
import { reachesRouter } from '../support/disguise.ts'

export default defineAttack({
  id: 'A49',
  title: 'the target names another host than the Host field',
  control: 'target',
  adapters: 'all',
  succeeds: (app) => reachesRouter(app, 'http://evil.example/link'),
})
