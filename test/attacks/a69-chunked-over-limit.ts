import { defineAttack } from '../support/attack.ts'

export default [
  defineAttack({
    id: 'A69',
    title: 'sends more than the limit in chunks, which declare no length',
    control: 'body',
    adapters: 'all',
    async succeeds(app) {
      const headers = { 'content-type': 'application/octet-stream', 'transfer-encoding': 'chunked' }
      const answer = await app.fetch('/raw', { method: 'POST', headers, body: Buffer.alloc(300_000) }).catch(() => undefined)
      return answer?.text === '300000'
    },
  }),
  defineAttack({
    id: 'A69b',
    title: 'sends a JSON body in chunks that is larger than any JSON body may be',
    control: 'body',
    adapters: 'all',
    without: { body: { json: 10_000_000 } },
    async succeeds(app) {
      const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }
      const body = JSON.stringify('x'.repeat(300_000))
      await app.fetch('/echo', { method: 'POST', headers, body }).catch(() => undefined)
      return app.state.bodies.length > 0
    },
  }),
]
