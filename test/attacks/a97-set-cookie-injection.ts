import { defineAttack } from '../support/attack.ts'
import { serializeCookie, type CookieAttributes } from '../../src/http/cookie.ts'

const SAFE: CookieAttributes = { path: '/', secure: true, httpOnly: true, sameSite: 'lax' }
const INJECTIONS = [
  'x; Domain=evil.example',
  'x;Secure',
  'x\r\nset-cookie: a=b',
  'x\nset-cookie: a=b',
  'x\0',
  'x\u0085y',
  'x, a=b',
  'x\u2028y',
]

/** The line, or nothing when it was refused to write one. */
function written(name: string, value: string, attributes: CookieAttributes): string | undefined {
  try {
    return serializeCookie(name, value, attributes)
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

export default defineAttack({
  id: 'A97',
  title: 'writes attributes or lines of its own through the name, value, path or domain of a cookie',
  control: 'session',
  without: { heldBy: 'start-up', why: 'one function writes cookies, and it throws; there is no option to go around it' },
  async succeeds(app) {
    if (written('a', 'x', SAFE) === undefined) throw new Error('A harmless cookie was not written.')
    for (const injection of INJECTIONS) {
      const lines = [
        written('a', injection, SAFE),
        written(injection, 'x', SAFE),
        written('a', 'x', { ...SAFE, path: `/${injection}` }),
        written('a', 'x', { ...SAFE, domain: injection }),
      ]
      if (lines.some((line) => line !== undefined)) return true
    }
    const through = ['/login?next=', '/redirect?to='].map((path) => `${path}${encodeURIComponent('/x\r\nset-cookie: a=b')}`)
    for (const path of through) if ((await app.fetch(path)).all('set-cookie').length > 0) return true
    return false
  },
})
