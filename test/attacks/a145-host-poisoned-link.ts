import { defineAttack } from '../support/attack.ts'
import { sameOrigin } from '../support/browser.ts'
import { reachableMember } from '../support/recovery.ts'

const EVIL = 'evil.example'
/** Where servers have looked for their own name. */
const HEADERS: readonly Record<string, string>[] = [
  { host: EVIL },
  { 'x-forwarded-host': EVIL },
  { 'x-forwarded-host': EVIL, 'x-forwarded-proto': 'http' },
  { forwarded: `host=${EVIL};proto=https` },
  { 'x-original-host': EVIL },
  { origin: `https://${EVIL}` },
  { referer: `https://${EVIL}/login/recover` },
]

export default defineAttack({
  id: 'A145',
  title: 'has the link of a letter lead to their own host, by a header that names it (L86; CVE-2025-64101)',
  control: 'signIn',
  adapters: 'all',
  options: { hosts: { insecureOff: { reason: 'shows that links do not depend on it', until: '2099-12-31' } } },
  without: { heldBy: 'design', why: 'links are built from the configured origin; no option makes them from a request' },
  async succeeds(app) {
    await reachableMember(app)
    await app.mails()
    let letters = 0
    for (const headers of HEADERS) {
      app.clock.advance(3_600_000)
      await app.fetch('/login/recover', {
        method: 'POST',
        headers: { ...sameOrigin(app), ...headers },
        body: 'who=victim',
      })
      for (const { text, html } of await app.mails()) {
        letters += 1
        if (`${text}${html}`.includes(EVIL)) return true
      }
    }
    if (letters < 2) throw new Error('No letter was written, so nothing was tried.')
    return false
  },
})
