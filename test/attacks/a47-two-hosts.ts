import { defineAttack } from '../support/attack.ts'
import { firstStatus } from '../support/disguise.ts'

export default defineAttack({
  id: 'A47',
  title: 'a request has two hosts, and each reader takes another one',
  control: 'target',
  adapters: 'all',
  async succeeds(app) {
    const text = await app.raw(
      `GET /link HTTP/1.1\r\nHost: localhost:${app.port}\r\nHost: evil.example\r\nConnection: close\r\n\r\n`,
    )
    return firstStatus(text) === 200
  },
})
