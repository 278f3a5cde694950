import { defineAttack } from '../support/attack.ts'
import type { TestApp } from '../support/app.ts'

async function arrives(app: TestApp, body: string): Promise<boolean> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  await app.fetch('/echo', { method: 'POST', headers, body })
  return app.state.bodies.some((value) => typeof value === 'object' && value !== null)
}

export default [
  defineAttack({
    id: 'A78',
    title: 'sends a form with thousands of fields, spelled as an array',
    control: 'body',
    adapters: 'all',
    without: { body: { fields: 1_000_000 } },
    succeeds: (app) => arrives(app, 'a[]=1&'.repeat(5000)),
  }),
  defineAttack({
    id: 'A79',
    title: 'turns a field into an object or an operator by brackets in its name',
    control: 'body',
    adapters: 'all',
    without: { heldBy: 'design', why: 'the form parser gives brackets no meaning, and no option changes that' },
    async succeeds(app) {
      await arrives(app, 'id[$ne]=&id[a][b]=1&list[]=1')
      const fields = app.state.bodies[0] as Record<string, unknown>
      return 'id' in fields || 'list' in fields
    },
  }),
]
