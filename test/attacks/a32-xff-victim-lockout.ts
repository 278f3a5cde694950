import { defineAttack } from '../support/attack.ts'

const VICTIM = '203.0.113.9'

export default defineAttack({
  id: 'A32',
  title: 'uses up the limit of somebody else, by claiming their address',
  control: 'client',
  options: { rateLimit: { limits: { client: '5/min' } } },
  without: { client: { trustedProxies: ['loopback'] } },
  async succeeds(app) {
    for (let n = 0; n < 8; n++) await app.fetch('/', { headers: { 'x-forwarded-for': VICTIM } })
    const blocked = app.events.filter(({ type }) => type === 'excess_rate_limit_exceeded')
    return blocked.some(({ client }) => client === VICTIM)
  },
})
