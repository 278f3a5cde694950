import { defineAttack } from '../support/attack.ts'

export default defineAttack({
  id: 'A23',
  title: "a page of another origin asks with the victim's cookie and reads the answer",
  control: 'cors',
  adapters: 'all',
  options: { cors: { origins: ['https://shop.example'], credentials: true } },
  without: { cors: { origins: ['https://shop.example', 'https://evil.example'], credentials: true } },
  async succeeds(app) {
    const { cookie } = await app.signIn('member')
    const { headers } = await app.fetch('/me', { headers: { cookie, origin: 'https://evil.example' } })
    return (
      headers['access-control-allow-origin'] === 'https://evil.example' && headers['access-control-allow-credentials'] === 'true'
    )
  },
})
