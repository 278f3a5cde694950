import { defineAttack } from '../support/attack.ts'

export default defineAttack({
  id: 'A41',
  title: 'uses up a limit whose name and client, written one after the other, read like those of another',
  control: 'rateLimit',
  options: {
    client: { trustedProxies: ['loopback'] },
    rateLimit: { limits: { a: '3/min', a1: '3/min' } },
    routes: [
      { path: 'GET /public-json', public: true, limit: 'a' },
      { path: 'GET /leaky', public: true, limit: 'a1' },
    ],
    public: ['/'],
  },
  without: { heldBy: 'design', why: 'the lengths of the parts stand in every key, and no option takes them out' },
  async succeeds(app) {
    const ask = async (path: string, client: string) => (await app.fetch(path, { headers: { 'x-forwarded-for': client } })).status
    for (let n = 0; n < 3; n++) await ask('/public-json', '11.0.0.1')
    const used = (await ask('/public-json', '11.0.0.1')) === 429
    // "a" + "11.0.0.1" is "a1" + "1.0.0.1".
    return !used || (await ask('/leaky', '1.0.0.1')) === 429
  },
})
