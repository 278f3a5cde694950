import { defineAttack } from '../support/attack.ts'
import { FORM } from '../support/browser.ts'

export default [
  defineAttack({
    id: 'A15',
    title: 'puts two origins or two Sec-Fetch-Site values into one header, the right one among them',
    control: 'csrf',
    adapters: 'all',
    async succeeds(app) {
      const { cookie } = await app.signIn('member')
      const values = ['same-origin, cross-site', 'cross-site, same-origin', 'same-origin;x', 'Same-Origin']
      const origins = [
        `${app.origin}, https://evil.example`,
        `https://evil.example, ${app.origin}`,
        `${app.origin} https://evil.example`,
      ]
      const headers = [...values.map((value) => ({ 'sec-fetch-site': value })), ...origins.map((origin) => ({ origin }))]
      for (const given of headers) {
        await app.fetch('/notes', { method: 'POST', headers: { cookie, 'content-type': FORM, ...given }, body: 'text=owned' })
      }
      return app.state.notes.includes('owned')
    },
  }),
  defineAttack({
    id: 'A15b',
    title: 'sends the headers twice, so that one reader takes the first and another the last',
    control: 'csrf',
    without: { csrf: false, target: false },
    async succeeds(app) {
      const { cookie } = await app.signIn('member')
      for (const sites of [
        ['same-origin', 'cross-site'],
        ['cross-site', 'same-origin'],
      ]) {
        const headers = { cookie, 'content-type': FORM, 'sec-fetch-site': sites, origin: ['https://evil.example', app.origin] }
        await app.fetch('/notes', { method: 'POST', headers, body: 'text=owned' })
      }
      return app.state.notes.includes('owned')
    },
  }),
]
