import { defineAttack } from '../support/attack.ts'

export default defineAttack({
  id: 'A28',
  title: 'a preflight asks for thousands of headers, so that reading the list takes for ever',
  control: 'cors',
  options: { cors: { origins: ['https://shop.example'], headers: ['x'] } },
  without: { heldBy: 'start-up', why: 'the list is read in one pass and ends at its 65th member; no option changes that' },
  async succeeds(app) {
    for (const list of ['x,'.repeat(4000), `${' '.repeat(12_000)}y`, ', '.repeat(4000) + 'y']) {
      const { status } = await app.fetch('/public-json', {
        method: 'OPTIONS',
        headers: {
          origin: 'https://shop.example',
          'access-control-request-method': 'GET',
          'access-control-request-headers': list,
        },
      })
      if (status !== 403) return true
    }
    return false
  },
})
