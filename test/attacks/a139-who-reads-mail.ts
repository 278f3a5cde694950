import type { Response, TestApp } from '../support/app.ts'
import { defineAttack } from '../support/attack.ts'
import { mailBrowser, withMailbox } from '../support/mail-browser.ts'
import { enrol } from '../support/second-factor.ts'

/** What differs between any two answers, whoever asks. */
const OWN = ['date', 'x-request-id', 'content-security-policy', 'ratelimit', 'ratelimit-policy', 'content-length']

function seenFrom({ status, headers, text }: Response): string {
  const head = Object.entries(headers)
    .filter(([name]) => !OWN.includes(name))
    .map(([name, value]) => [name, String(value).replace(/=[\w-]{43};/, '=TOKEN;')])
  const nonce = /nonce="([^"]+)"/.exec(text)?.[1] ?? 'none'
  return JSON.stringify([status, head, text.replaceAll(nonce, 'NONCE').replace(/"instance":"[^"]*"/, '')])
}

/** All that somebody sees who asks for a letter of `login` and types a wrong code. */
async function attempt(app: TestApp, login: string): Promise<string> {
  const browser = mailBrowser(app)
  const seen = [await browser.post('/login/link', { login }), await browser.json('/login/link', { login })]
  seen.push(await browser.post('/login/code', { login }), await browser.get('/login/code/enter'))
  for (let count = 0; count < 6; count++) seen.push(await browser.post('/login/code/enter', { code: '0000 0000' }))
  app.clock.advance(3_600_000) // the limits of the network are full again
  return JSON.stringify(seen.map(seenFrom))
}

async function ask(app: TestApp, login: string): Promise<string> {
  return seenFrom(await mailBrowser(app).post('/login/link', { login }))
}

export default defineAttack({
  id: 'A139',
  title: 'finds out who has an account, an address or a second factor, by asking for letters (L73, L76, L79)',
  control: 'signIn',
  adapters: 'all',
  options: { signIn: { magicLink: true, emailCode: true } },
  without: { heldBy: 'design', why: 'there is one answer and one path of work; no option makes a second' },
  async succeeds(app) {
    const system = { kind: 'system', id: 'test' } as const
    const { users } = app.holdfast.accounts
    await withMailbox(app, 'known')
    await users.disable(await withMailbox(app, 'gone'), system)
    await app.signIn('member', 'bare')
    await users.create({ login: 'unverified', address: 'unverified@example.org' }, system)
    const { cookie } = await app.signIn('member', 'factor')
    await enrol(app.holdfast.accounts, cookie.split('=')[1]!, app.clock.now)
    const [nothing, something] = [await ask(app, ''), await ask(app, 'x')]
    if (nothing === something) throw new Error('The judge sees nothing.')
    const seen: string[] = []
    for (const login of ['known', 'known@example.org', 'nobody', 'nobody@example.org', 'gone', 'bare', 'unverified', 'factor'])
      seen.push(await attempt(app, login))
    return new Set(seen).size !== 1
  },
})
