import { defineAttack } from '../support/attack.ts'
import type { TestApp } from '../support/app.ts'

async function arrives(app: TestApp, body: string): Promise<boolean> {
  await app.fetch('/echo', { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  return app.state.bodies.some((value) => (value as { role?: unknown } | undefined)?.role === 'admin')
}

// Under Hono only: of the four it is the one that parses JSON by itself where the kit does not.
export default [
  defineAttack({
    id: 'A77',
    title: 'says a key twice in JSON: one parser reads "user", the next one "admin"',
    control: 'body',
    adapters: ['hono'],
    succeeds: (app) => arrives(app, '{"role":"user","role":"admin"}'),
  }),
  defineAttack({
    id: 'A77b',
    title: 'says a key twice in JSON, once with an escape in it',
    control: 'body',
    adapters: ['hono'],
    succeeds: (app) => arrives(app, '{"role":"user","r\\u006fle":"admin"}'),
  }),
]
