import { defineAttack } from '../support/attack.ts'

const LOOK_ALIKES = [
  'https://shop-example',
  'https://evilshop.example',
  'https://shop.example.evil.net',
  'https://shop.example.',
  'https://shop.example%60.evil.net',
  'http://shop.example',
  'https://shop.example:8443',
]

export default defineAttack({
  id: 'A25',
  title: 'an origin that looks like a listed one reads the answer',
  control: 'cors',
  options: { cors: { origins: ['https://shop.example', 'https://*.shop.example'] } },
  without: { cors: { origins: ['*'] } },
  async succeeds(app) {
    for (const origin of LOOK_ALIKES) {
      const { headers } = await app.fetch('/public-json', { headers: { origin } })
      if (headers['access-control-allow-origin'] !== undefined) return true
    }
    return false
  },
})
