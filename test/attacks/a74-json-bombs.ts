import { defineAttack } from '../support/attack.ts'
import type { TestApp } from '../support/app.ts'

const MANY = 5000

/** Whether the handler was given what the text says. */
async function arrives(app: TestApp, body: string): Promise<boolean> {
  await app.fetch('/echo', { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  return app.state.bodies.some((value) => typeof value === 'object' && value !== null)
}

const keys = (name: (n: number) => string): string =>
  JSON.stringify(Object.fromEntries(Array.from({ length: MANY }, (_, n) => [name(n), 1])))

export default [
  defineAttack({
    id: 'A74',
    title: 'nests arrays until what walks them overflows its stack',
    control: 'body',
    adapters: 'all',
    without: { body: { depth: 256 } },
    succeeds: (app) => arrives(app, '['.repeat(200) + ']'.repeat(200)),
  }),
  defineAttack({
    id: 'A74b',
    title: 'sends only opening brackets, tens of thousands of them',
    control: 'body',
    adapters: 'all',
    without: { heldBy: 'design', why: 'it is no JSON, so no parser lets it in; here it only has to be refused without a crash' },
    async succeeds(app) {
      const { status } = await app.fetch('/echo', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '['.repeat(100_000),
      })
      return status !== 400 || app.faults.length > 0
    },
  }),
  defineAttack({
    id: 'A75',
    title: 'sends an object with thousands of keys',
    control: 'body',
    adapters: 'all',
    without: { body: { keys: 1_000_000 } },
    succeeds: (app) =>
      arrives(
        app,
        keys((n) => `k${n}`),
      ),
  }),
  defineAttack({
    id: 'A76',
    title: 'sends thousands of integer-like keys that fall into the same place of a hash table',
    control: 'body',
    adapters: 'all',
    without: { body: { keys: 1_000_000 } },
    succeeds: (app) =>
      arrives(
        app,
        keys((n) => String(n * 65_536)),
      ),
  }),
]
