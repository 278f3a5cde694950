import { defineAttack } from '../support/attack.ts'
import { PASSWORD } from '../support/app.ts'
import { sameOrigin } from '../support/browser.ts'

const ELSEWHERE = [
  '//evil.example',
  '/\\evil.example',
  'https://evil.example',
  '/.//evil.example',
  'javascript:alert(1)',
  '/%5cevil.example',
  '/%2F/evil.example',
  ' //evil.example',
  '\t//evil.example',
]

/** Whether a browser on our origin would leave it. */
function leaves(location: string | undefined, origin: string): boolean {
  if (location === undefined) return false
  const url = URL.parse(location, `${origin}/login`)
  return url === null || url.origin !== origin || url.pathname.startsWith('//')
}

export default defineAttack({
  id: 'A99',
  title: 'leads the victim to another site after sign-in, sign-out or a session that ended, by next or Referer',
  control: 'signIn',
  adapters: 'all',
  without: {
    heldBy: 'start-up',
    why: 'every way on is made by one function, and Referer is read nowhere; no option changes that',
  },
  async succeeds(app) {
    if (!leaves('//evil.example', app.origin) || !leaves('/.//evil.example', app.origin)) throw new Error('The judge is blind.')
    const { login } = await app.signIn('member')
    for (const next of ELSEWHERE) {
      const headers = { ...sameOrigin(app), referer: `${app.origin}${next}` }
      const body = new URLSearchParams({ login, password: PASSWORD, next }).toString()
      const query = `?next=${encodeURIComponent(next)}`
      const answers = [
        await app.fetch('/login', { method: 'POST', headers, body }),
        await app.fetch(`/logout${query}`, { method: 'POST', headers, body }),
        await app.fetch('/notes', { method: 'POST', headers, body: 'text=late' }),
        await app.fetch(`/admin${query}`, { headers }),
        await app.fetch(`/login${query}`, { headers }),
      ]
      for (const { headers: head, text } of answers) {
        if (leaves(head.location, app.origin)) return true
        if (/<input[^>]*name="next"/.test(text) || /(?:href|action)="[^"]*evil/.test(text)) return true
      }
    }
    return false
  },
})
