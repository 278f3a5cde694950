import { defineAttack } from '../support/attack.ts'

export default defineAttack({
  id: 'A31',
  title: 'a client behind a proxy writes addresses in front of its own, a new one each time',
  control: 'client',
  adapters: 'all',
  options: { client: { trustedProxies: ['loopback'] } },
  // The mistake that is left to make: the network of the clients declared as one of proxies.
  without: { client: { trustedProxies: ['loopback', '203.0.113.0/24'] } },
  async succeeds(app) {
    for (const invented of ['198.51.100.1', '198.51.100.2', '127.0.0.1, 198.51.100.3'])
      await app.fetch('/nowhere//', { headers: { 'x-forwarded-for': `${invented}, 203.0.113.7` } })
    return app.events.some(({ type, client }) => type === 'malicious_target' && client !== '203.0.113.7')
  },
})
