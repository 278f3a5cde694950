import { defineAttack } from '../support/attack.ts'

export default defineAttack({
  id: 'A36',
  title: 'a client ends its IPv6 address in dots, to count as whatever IPv4 address it likes',
  control: 'client',
  options: { client: { trustedProxies: ['loopback'] }, rateLimit: { limits: { client: '3/min' } } },
  without: { rateLimit: false },
  async succeeds(app) {
    for (let last = 1; last <= 6; last++) {
      const { status } = await app.fetch('/public-json', { headers: { 'x-forwarded-for': `2001:db8:1:2::198.51.100.${last}` } })
      if (status === 429) return false
    }
    return true
  },
})
