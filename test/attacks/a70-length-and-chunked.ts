import { defineAttack } from '../support/attack.ts'

export default defineAttack({
  id: 'A70',
  title: 'declares a length and chunks, so that two servers in a row end the request at different places',
  control: 'body',
  adapters: 'all',
  without: {
    heldBy: 'node',
    why: 'llhttp refuses Content-Length beside Transfer-Encoding, and the kit never turns its strict mode off',
  },
  async succeeds(app) {
    const smuggled = 'POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}'
    const head = `Host: localhost:${app.port}\r\nContent-Type: application/json\r\nContent-Length: 5\r\nTransfer-Encoding: chunked`
    const text = await app.raw(`POST /echo HTTP/1.1\r\n${head}\r\n\r\n0\r\n\r\n${smuggled}`)
    return app.state.hits['POST /echo'] !== undefined || /^HTTP\/1.1 2/.test(text)
  },
})
