import { defineAttack } from '../support/attack.ts'

export default defineAttack({
  id: 'A72',
  title: 'sends a body over the limit with PATCH and DELETE, which parsers forget',
  control: 'body',
  adapters: 'all',
  async succeeds(app) {
    const body = JSON.stringify('x'.repeat(300_000))
    const headers = { 'content-type': 'application/json', 'content-length': String(body.length) }
    for (const method of ['PATCH', 'DELETE']) {
      await app.fetch('/echo', { method, headers, body }).catch(() => undefined)
    }
    return app.state.hits['PATCH /echo'] !== undefined || app.state.hits['DELETE /echo'] !== undefined
  },
})
