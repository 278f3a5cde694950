import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { createOutbound } from '../../src/outbound/index.ts'
import { defineAttack } from '../support/attack.ts'

/** Ways to write this machine, the network around it and the metadata of a cloud: what parsers and filters have been seen to let through. */
const HOSTS = [
  ...['127.0.0.1', '127.1', '2130706433', '0x7f000001', '0x7f.1', '0177.0.0.1', '0', '0.0.0.0', '127.0.0.1.', '①②⑦.⓪.⓪.①'],
  ...['localhost', 'LOCALHOST', 'localhost.', '[::]', '[::1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::127.0.0.1]'],
  ...['[64:ff9b::7f00:1]', '[64:ff9b:1::7f00:1]', '[2002:7f00:1::]', '[2001:0:7f00:1::]', '[fe80::1]', '[fd00:ec2::254]'],
  ...['169.254.169.254', '100.100.100.200', '168.63.129.16', '10.0.0.1', '192.168.0.1', '172.16.0.1'],
  ...['public.example@127.0.0.1', '127.0.0.1#@public.example', '127.0.0.1?public.example', '127.0.0.1\\@public.example'],
]
const SCHEMES = ['https', 'http', 'HTTP', 'ftp', 'gopher', 'unix']

export default defineAttack({
  id: 'A100',
  title: 'gives an address that the server is to ask, and has it ask itself or its neighbours',
  control: 'signIn',
  without: {
    heldBy: 'design',
    why: 'the guard has no option that lets everything through; a host on loopback must be named one by one',
  },
  async succeeds() {
    let reached = 0
    const server = http.createServer((request, response) => {
      reached++
      response
        .writeHead(request.url === '/away' ? 302 : 200, { location: 'https://169.254.169.254/latest/meta-data/' })
        .end('inside')
    })
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    try {
      const named = { hosts: [`localhost:${port}`], reason: 'the judge must not be blind', until: '2099-01-01' }
      const blind = await createOutbound({ insecureAllowHosts: named }).fetch(`http://localhost:${port}/`)
      if ((await blind.text()) !== 'inside' || reached !== 1) throw new Error('The judge does not see what is inside.')
      const fast = { timeout: 1500, headTimeout: 1000 }
      for (const scheme of SCHEMES) {
        for (const host of HOSTS) {
          const answer = await createOutbound(fast)
            .fetch(`${scheme}://${host}:${port}/`)
            .catch(() => undefined)
          if (answer !== undefined || reached > 1) return true
        }
      }
      // The name leads to where nobody listens when it is checked, and inside when it is asked again.
      let asked = 0
      const resolve = () => Promise.resolve(asked++ === 0 ? ['127.0.0.2'] : ['127.0.0.1'])
      const rebinding = { ...named, hosts: [`rebind.example:${port}`] }
      const moved = await createOutbound({ insecureAllowHosts: rebinding, resolve, ...fast })
        .fetch(`http://rebind.example:${port}/`)
        .catch(() => undefined)
      if (moved !== undefined || reached > 1) return true
      const led = createOutbound({ insecureAllowHosts: named, ...fast })
      return (await led.fetch(`http://localhost:${port}/away`).catch(() => undefined)) !== undefined
    } finally {
      server.close()
      server.closeAllConnections()
    }
  },
})
