import { defineAttack } from '../support/attack.ts'

const ORIGIN = 'https://app.example'

export default [
  defineAttack({
    id: 'A51',
    title: 'a client on plain http says that it came by https',
    control: 'client',
    adapters: 'all',
    options: { origin: ORIGIN },
    without: { client: { trustedProxies: ['loopback'] } },
    async succeeds(app) {
      const { status, headers } = await app.fetch('/', { headers: { host: 'app.example', 'x-forwarded-proto': 'https' } })
      return status === 200 || 'strict-transport-security' in headers
    },
  }),
  defineAttack({
    id: 'A52',
    title: 'a quoted value of Forwarded smuggles another parameter past the proxy',
    control: 'client',
    options: { origin: ORIGIN, client: { trustedProxies: ['loopback'], forwarded: 'forwarded' } },
    without: { heldBy: 'start-up', why: 'there is one parser, and it knows quoted strings' },
    async succeeds(app) {
      const honest = await app.fetch('/', { headers: { host: 'app.example', forwarded: 'for=1.1.1.1;proto=https' } })
      if (honest.status !== 200) throw new Error('an honest proxy is not understood')
      const quoted = 'for="1.1.1.1;host=evil.example;proto=https"'
      const { status } = await app.fetch('/', { headers: { host: 'app.example', forwarded: quoted } })
      return status === 200
    },
  }),
]
