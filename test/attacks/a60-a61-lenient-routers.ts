import { defineAttack } from '../support/attack.ts'
import type { TestApp } from '../support/app.ts'

/** Whether a page for people who are signed in was served to somebody who is not. */
async function served(app: TestApp, path: string): Promise<boolean> {
  await app.fetch(path)
  return (app.state.hits['GET /me'] ?? 0) > 0
}

// Express matches paths without regard to case and trailing slash; a guard that lists what is closed would miss these.
export default [
  defineAttack({
    id: 'A60',
    title: 'the path of a guarded page is written in capitals',
    control: 'authenticate',
    adapters: ['express'],
    succeeds: (app) => served(app, '/ME'),
  }),
  defineAttack({
    id: 'A61',
    title: 'the path of a guarded page ends in a slash',
    control: 'authenticate',
    adapters: ['express'],
    succeeds: (app) => served(app, '/me/'),
  }),
]
