import { defineAttack } from '../support/attack.ts'
import { reachesRouter } from '../support/disguise.ts'

export default defineAttack({
  id: 'A53',
  title: 'the target begins with two slashes, and becomes a host to whoever resolves it',
  control: 'target',
  adapters: 'all',
  async succeeds(app) {
    for (const target of ['//evil.example/x', '/\\evil.example/x', '///evil.example'])
      if (await reachesRouter(app, target)) return true
    return false
  },
})
