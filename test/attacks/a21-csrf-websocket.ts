import { onUpgrade } from '../../src/adapters/server.ts'
import { defineAttack } from '../support/attack.ts'

const HANDSHAKE = [
  'connection: upgrade',
  'upgrade: websocket',
  'sec-websocket-version: 13',
  'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==',
]

export default defineAttack({
  id: 'A21',
  title: 'a page of another site opens a WebSocket with the cookie of the victim (CSWSH)',
  control: 'csrf',
  async succeeds(app) {
    onUpgrade(app.holdfast, app.server, (_request, socket) => {
      socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n')
    })
    const { cookie } = await app.signIn('member')
    const open = (...more: readonly string[]) => {
      const lines = ['GET /live HTTP/1.1', `host: localhost:${app.port}`, `cookie: ${cookie}`, ...HANDSHAKE, ...more]
      return app.raw(`${lines.join('\r\n')}\r\n\r\n`)
    }
    const own = await open(`origin: ${app.origin}`)
    if (!own.startsWith('HTTP/1.1 101')) throw new Error(`Our own page was answered with ${own.slice(0, 40)}.`)
    const foreign = [['origin: https://evil.example'], ['origin: null'], [], ['sec-fetch-site: same-origin']]
    for (const headers of foreign) if ((await open(...headers)).startsWith('HTTP/1.1 101')) return true
    return false
  },
})
