import { defineAttack } from '../support/attack.ts'
import { anySession } from '../support/weak-store.ts'
import { whoIs } from '../support/browser.ts'

export default defineAttack({
  id: 'A96',
  title: 'changes, cuts, stretches or invents the token in the cookie',
  control: 'session',
  without: { database: anySession() },
  async succeeds(app) {
    const { cookie } = await app.signIn('member')
    const [name, token] = cookie.split('=') as [string, string]
    const tokens = [
      `${token.startsWith('A') ? 'B' : 'A'}${token.slice(1)}`,
      ...[
        token.slice(0, -1),
        `${token}A`,
        token.slice(1),
        token.toLowerCase(),
        token.toUpperCase(),
        token.split('').toReversed().join(''),
      ],
      ...['A'.repeat(43), '', '0', 'null', 'undefined', '-'.repeat(43), 'A'.repeat(3000), `${token}.${token}`, `k.${token}`],
      ...[
        Buffer.from(token, 'base64url').toString('base64'),
        Buffer.from(token, 'base64url').toString('hex'),
        '__proto__',
        '%00',
        "'--",
      ],
    ]
    for (const changed of tokens) {
      if (changed === token) continue
      const seen = app.events.length
      if ((await whoIs(app, `${name}=${changed}`)) !== null) return true
      if (app.faults.length > 0) throw app.faults[0]
      if (!app.events.slice(seen).some(({ type }) => type === 'session_forged')) return true
    }
    return false
  },
})
