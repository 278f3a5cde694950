import { defineAttack } from '../support/attack.ts'

export default defineAttack({
  id: 'A24',
  title: 'a sandboxed frame, whose origin is null, reads the answer',
  control: 'cors',
  options: { cors: { origins: ['*'] } },
  without: { heldBy: 'start-up', why: 'no option can list null; not even * answers it' },
  async succeeds(app) {
    const { headers } = await app.fetch('/public-json', { headers: { origin: 'null' } })
    return headers['access-control-allow-origin'] !== undefined
  },
})
