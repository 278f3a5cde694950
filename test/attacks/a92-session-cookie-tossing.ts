import { defineAttack } from '../support/attack.ts'

/** Nobody is anybody any more; what is left is what the application does by itself with such a header. */
const NO_SESSIONS = { session: false, csrf: false, authenticate: false, signIn: false, console: false, authorize: false } as const

export default defineAttack({
  id: 'A92',
  title: 'adds a second cookie of our name, or one that some parsers take for it, so that each reader chooses another',
  control: 'session',
  adapters: 'all',
  without: NO_SESSIONS,
  async succeeds(app) {
    const victim = await app.signIn('member', 'victim')
    const attacker = await app.signIn('member', 'attacker')
    const [name, evil] = attacker.cookie.split('=') as [string, string]
    const headers = [
      `${attacker.cookie}; ${victim.cookie}`,
      `${victim.cookie}; ${attacker.cookie}`,
      `${victim.cookie}; =${name}=${evil}`,
      `=${name}=${evil}; ${victim.cookie}`,
      `${victim.cookie}; \u00a0${name}=${evil}`,
      `${victim.cookie}; ${name} =${evil}`,
      `${victim.cookie}; ${name.toUpperCase()}=${evil}`,
    ]
    for (const cookie of headers) {
      const { status } = await app.fetch('/public-json', { headers: { cookie } })
      if (status === 200) return true
    }
    const quoted = await app.fetch('/me', { headers: { cookie: `${name}="${evil}"` } })
    return quoted.status === 200
  },
})
