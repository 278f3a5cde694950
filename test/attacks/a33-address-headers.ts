import { defineAttack } from '../support/attack.ts'

const NAMES = [
  'x-forwarded-for',
  'x-real-ip',
  'cf-connecting-ip',
  'true-client-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'fastly-client-ip',
  'x_forwarded_for',
]

export default defineAttack({
  id: 'A33',
  title: 'a client claims an address in every header that anybody ever read',
  control: 'client',
  adapters: 'all',
  // Turned off it leaves the socket's address in place, so the red run declares the attacker's own network as a proxy.
  without: { client: { trustedProxies: ['loopback'] } },
  async succeeds(app) {
    const headers = Object.fromEntries(NAMES.map((name) => [name, '198.51.100.1']))
    await app.fetch('/nowhere//', { headers: { ...headers, forwarded: 'for=198.51.100.1' } })
    return app.events.some(({ type, client }) => type === 'malicious_target' && client === '198.51.100.1')
  },
})
