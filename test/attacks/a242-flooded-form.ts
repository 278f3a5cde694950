import { solve, type Asked } from '../support/challenge.ts'
import type { TestApp } from '../support/app.ts'
import { defineAttack } from '../support/attack.ts'

const ASKS = {
  rateLimit: false,
  routes: [{ path: 'POST /notes', public: true, challenge: true }],
  signIn: { challenge: { difficulty: 8 } },
} as const
const OPEN = { routes: [{ path: 'POST /notes', public: true }] } as const

async function send(app: TestApp, json: object) {
  const headers = { 'content-type': 'application/json', origin: app.origin, 'sec-fetch-site': 'same-origin' }
  return await app.fetch('/notes', { method: 'POST', headers, body: JSON.stringify(json) })
}

export default [
  defineAttack({
    id: 'A242a',
    title: 'fills an open form by the hundred without any work',
    control: 'signIn',
    adapters: 'all',
    options: ASKS,
    without: OPEN,
    async succeeds(app) {
      for (let turn = 0; turn < 100; turn += 1) await send(app, { text: 'buy', challenge: '', solution: '' })
      return app.state.notes.length >= 100
    },
  }),
  defineAttack({
    id: 'A242b',
    title: 'does the work once, and sends the form by the hundred with it',
    control: 'signIn',
    options: ASKS,
    without: OPEN,
    async succeeds(app) {
      const first = await send(app, { text: 'buy' })
      const asked =
        first.status === 403 ? (JSON.parse(first.text) as { challenge: Asked }).challenge : { challenge: '1.a.b.c', bits: 1 }
      const work = { challenge: asked.challenge, solution: solve(asked) }
      for (let turn = 0; turn < 100; turn += 1) await send(app, { text: 'buy', ...work })
      if (app.state.notes.length === 0) throw new Error('The work is worth nothing.')
      return app.state.notes.length > 1
    },
  }),
]
