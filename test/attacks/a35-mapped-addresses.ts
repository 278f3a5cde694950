import { defineAttack } from '../support/attack.ts'

const SPELLINGS = ['203.0.113.7', '::ffff:203.0.113.7', '::ffff:cb00:7107', '64:ff9b::cb00:7107', '2002:cb00:7107::1']

export default defineAttack({
  id: 'A35',
  title: 'a client spells its IPv4 address in five ways to be five clients',
  control: 'client',
  options: { client: { trustedProxies: ['loopback'] }, rateLimit: { limits: { client: '3/min' } } },
  without: { rateLimit: false },
  async succeeds(app) {
    const statuses: number[] = []
    for (const spelling of SPELLINGS)
      statuses.push((await app.fetch('/public-json', { headers: { 'x-forwarded-for': spelling } })).status)
    const other = await app.fetch('/public-json', { headers: { 'x-forwarded-for': '::ffff:203.0.113.8' } })
    if (other.status !== 200) throw new Error('all of IPv4 shares one bucket')
    return statuses.every((status) => status === 200)
  },
})
