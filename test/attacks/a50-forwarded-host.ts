import { defineAttack } from '../support/attack.ts'

export default defineAttack({
  id: 'A50',
  title: 'a foreign host is served because a header of the client says it is ours, or ends up in a link',
  control: 'hosts',
  adapters: 'all',
  async succeeds(app) {
    const ours = `localhost:${app.port}`
    const claims = { 'x-forwarded-host': ours, 'x-host': ours, forwarded: `host="${ours}"` }
    const served = await app.fetch('/link', { headers: { host: 'evil.example', ...claims } })
    const link = await app.fetch('/link', { headers: { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' } })
    return served.status === 200 || link.text.includes('evil')
  },
})
