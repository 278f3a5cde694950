import { defineAttack } from '../support/attack.ts'

export default defineAttack({
  id: 'A09',
  title: 'a form on another site sends JSON as text/plain, the one type that needs no preflight and looks like nothing',
  control: 'body',
  adapters: 'all',
  async succeeds(app) {
    await app.fetch('/echo', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{"a":1,"x":"="}' })
    return app.state.hits['POST /echo'] !== undefined
  },
})
