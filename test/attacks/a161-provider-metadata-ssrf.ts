import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { defineAttack } from '../support/attack.ts'
import { idp, linkedUser, withProvider } from '../support/attack-provider.ts'
import { wanderer } from '../support/provider.ts'

export default defineAttack({
  id: 'A161',
  title: 'writes an address inside of our network into the description of a provider, and has us ask there (L53)',
  control: 'signIn',
  options: withProvider,
  without: { heldBy: 'design', why: 'every request to a provider goes through the guard, which no option takes away' },
  async succeeds(app) {
    let reached = 0
    const inside = http.createServer((_, response) => {
      reached++
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"access_token":"a","token_type":"bearer"}')
    })
    await new Promise<void>((resolve) => void inside.listen(0, '127.0.0.1', resolve))
    const { port } = inside.address() as AddressInfo
    try {
      await linkedUser(app, 'victim')
      const endpoint = `http://localhost:${port}/token`
      idp.lies = { discovery: (honest) => ({ ...honest, token_endpoint: endpoint, jwks_uri: endpoint }) }
      const browser = wanderer(app)
      await browser.comeBack(idp.visit(await browser.leave()))
      if (!app.events.some(({ type }) => type === 'outbound_refused') && reached === 0) throw new Error('Nobody asked anywhere.')
      return reached > 0
    } finally {
      inside.close()
      inside.closeAllConnections()
      idp.lies = {}
    }
  },
})
