import { defineAttack } from '../support/attack.ts'

export default defineAttack({
  id: 'A26',
  title: 'a cache keeps the answer to one origin for all, or varies by what the request said',
  control: 'cors',
  adapters: 'all',
  options: { cors: { origins: ['https://shop.example'] } },
  async succeeds(app) {
    const first = await app.fetch('/public-json', { headers: { vary: 'X-Injected' } })
    const second = await app.fetch('/public-json', { headers: { origin: 'https://shop.example' } })
    const varies = (value: string | undefined) => /\borigin\b/i.test(value ?? '') && !/injected/i.test(value ?? '')
    return !varies(first.headers.vary) || !varies(second.headers.vary)
  },
})
