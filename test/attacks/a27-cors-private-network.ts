import { defineAttack } from '../support/attack.ts'

export default defineAttack({
  id: 'A27',
  title: 'a preflight asks for the way into the private network',
  control: 'cors',
  options: { cors: { origins: ['*'] } },
  without: { heldBy: 'start-up', why: 'there is no option that allows it' },
  async succeeds(app) {
    const { headers } = await app.fetch('/public-json', {
      method: 'OPTIONS',
      headers: {
        origin: 'https://evil.example',
        'access-control-request-method': 'GET',
        'access-control-request-private-network': 'true',
      },
    })
    return 'access-control-allow-private-network' in headers
  },
})
