import { FORMATS } from '../../src/observe/audit/export/index.ts'
import { defineAttack } from '../support/attack.ts'

const HOSTILE = ['/=cmd%7C', '/x%20act=allowed%20suid=root', '/a%7Cb%5C', '/%E2%80%A8%3C14%3E1%20-%20CEF:0']

export default [
  defineAttack({
    id: 'A255',
    title: 'asks for paths that become formulas in a spreadsheet, and fields or lines in a collector of logs',
    control: 'audit',
    without: { heldBy: 'design', why: 'each format of export escapes what separates; no option leaves that out' },
    async succeeds(app) {
      const { cookie } = await app.signIn('member')
      for (const path of HOSTILE) await app.fetch(path, { headers: { cookie, 'user-agent': '=1+1' } })
      for (const path of HOSTILE) await app.fetch(path)
      await app.holdfast.audit!.flush()
      const { events } = await app.holdfast.audit!.search({}, { limit: 500 })
      if (!events.some(({ path }) => path?.includes('cmd'))) throw new Error('The paths are not in the log.')
      return FORMATS.some(({ name, line }) =>
        events.some((event) => {
          const text = line(event, { host: 'app.example' })
          if (/[\n\r\u2028]/.test(name === 'csv' || name === 'cef' ? text : text.replaceAll('\u2028', ''))) return true
          if (name === 'csv') return /(?:^|,)"?[=+\-@]/.test(text)
          return name === 'cef' && [...text.matchAll(/ (?:act|suid)=(?:allowed|root)/g)].length > 0
        }),
      )
    },
  }),
  defineAttack({
    id: 'A256',
    title: 'reads the log for passwords, cookies and tokens of others',
    control: 'audit',
    without: { heldBy: 'design', why: 'events are written with the facts that controls chose, never with what was sent' },
    async succeeds(app) {
      const secret = 'the-secret-of-somebody-else'
      const { cookie } = await app.signIn('member')
      const body = new URLSearchParams({ login: 'mira', password: secret }).toString()
      const headers = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' }
      await app.fetch('/login', { method: 'POST', headers, body })
      await app.fetch(`/nothing?token=${secret}`, {
        headers: { authorization: `Bearer ${secret}`, cookie: `__Host-hf_sid=${secret}` },
      })
      await app.fetch('/nothing', { headers: { cookie, 'x-csrf-token': secret, referer: `https://x.example/?${secret}` } })
      await app.holdfast.audit!.flush()
      const { events } = await app.holdfast.audit!.search({}, { limit: 500 })
      if (events.length < 3) throw new Error('Nothing was recorded.')
      const text = JSON.stringify(events)
      return text.includes(secret) || text.includes(cookie.split('=')[1]!)
    },
  }),
]
