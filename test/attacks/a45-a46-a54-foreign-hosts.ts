import type { TestApp } from '../support/app.ts'
import { defineAttack } from '../support/attack.ts'

/** Whether any of the hosts was served. */
async function anyServed(app: TestApp, hosts: readonly string[]): Promise<boolean> {
  for (const host of hosts) {
    const { status } = await app.fetch('/link', { headers: { host } })
    if (status === 200) return true
  }
  return false
}

export default [
  defineAttack({
    id: 'A45',
    title: 'the host hides behind a user name: good@evil',
    control: 'hosts',
    // Hono refuses such a host itself; the others take it.
    adapters: ['node', 'express', 'fastify'],
    succeeds: (app) => anyServed(app, [`localhost:${app.port}@evil.example`, 'localhost@evil.example']),
  }),
  defineAttack({
    id: 'A46',
    title: 'the host hides in front of a path: evil/good',
    control: 'hosts',
    adapters: ['node', 'express', 'fastify'],
    succeeds: (app) =>
      anyServed(app, [`evil.example/localhost:${app.port}`, 'evil.example?x', 'evil.example#x', 'evil.example\\x']),
  }),
  defineAttack({
    id: 'A54',
    title: 'a host that begins or ends like ours is served',
    control: 'hosts',
    adapters: 'all',
    succeeds: (app) =>
      anyServed(app, [
        `evil-localhost:${app.port}`,
        `localhost.evil.example:${app.port}`,
        `x.localhost:${app.port}`,
        `localhost.:${app.port}`,
        'localhost',
        'localhost:1',
        `127.0.0.1:${app.port}`,
      ]),
  }),
]
