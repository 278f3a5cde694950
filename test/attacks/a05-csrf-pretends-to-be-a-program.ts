import { defineAttack } from '../support/attack.ts'

const API = { authorization: 'Bearer made-up', 'content-type': 'application/json', 'user-agent': 'curl/8' }

export default defineAttack({
  id: 'A05',
  title: 'passes for a program, which needs no token, and carries the cookie of the victim all the same',
  control: 'csrf',
  async succeeds(app) {
    const { status } = await app.fetch('/echo', { method: 'POST', headers: API, body: '{"text":"program"}' })
    if (status !== 200) throw new Error(`A program without a cookie was answered with ${status}.`)
    const { cookie } = await app.signIn('member')
    await app.fetch('/notes', { method: 'POST', headers: { ...API, cookie }, body: '{"text":"owned"}' })
    return app.state.notes.includes('owned')
  },
})
