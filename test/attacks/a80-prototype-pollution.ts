import { defineAttack } from '../support/attack.ts'
import type { TestApp } from '../support/app.ts'

async function arrives(app: TestApp, type: string, body: string): Promise<boolean> {
  await app.fetch('/echo', { method: 'POST', headers: { 'content-type': type }, body })
  const names = app.state.bodies.flatMap((value) => Object.getOwnPropertyNames(value ?? {}))
  return names.some((name) => name.includes('__proto__') || name === 'constructor') || 'polluted' in {}
}

// Under Hono only: of the four it is the one that parses bodies by itself where the kit does not.
export default [
  defineAttack({
    id: 'A80',
    title: 'sends __proto__ in JSON, for the code that copies it into an ordinary object',
    control: 'body',
    adapters: ['hono'],
    succeeds: (app) => arrives(app, 'application/json', '{"__proto__":{"polluted":true}}'),
  }),
  defineAttack({
    id: 'A80b',
    title: 'sends constructor.prototype in JSON',
    control: 'body',
    adapters: ['hono'],
    succeeds: (app) => arrives(app, 'application/json', '{"constructor":{"prototype":{"polluted":true}}}'),
  }),
  defineAttack({
    id: 'A80c',
    title: 'sends fields of a form named __proto__ and constructor',
    control: 'body',
    adapters: ['hono'],
    succeeds: (app) =>
      arrives(app, 'application/x-www-form-urlencoded', '__proto__[polluted]=1&__proto__.polluted=1&constructor=1'),
  }),
]
