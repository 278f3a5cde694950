import { defineAttack } from '../support/attack.ts'

const LIMIT = 5
const SPELLINGS = ['/login', '/login/', '//login', '/LOGIN', '/%6cogin', '/login?a=1', '/./login', '/login;x=1']

export default defineAttack({
  id: 'A40',
  title: 'gets a fresh limit for each spelling of a path and each method',
  control: 'rateLimit',
  adapters: 'all',
  options: { rateLimit: { limits: { client: `${LIMIT}/min` } } },
  async succeeds(app) {
    let reached = 0
    for (const path of SPELLINGS) {
      for (const method of ['GET', 'HEAD']) {
        const { status } = await app.fetch(path, { method, headers: { accept: 'text/html' } })
        if (status !== 429 && status !== 400) reached++
      }
    }
    return reached > LIMIT
  },
})
