import { PASSWORD, type Response, type TestApp } from '../support/app.ts'
import { defineAttack } from '../support/attack.ts'
import { signInByForm } from '../support/browser.ts'
import { counted } from '../support/counted-hashing.ts'

const work = counted()
/** What differs between any two answers, whoever asks. */
const OWN = ['date', 'x-request-id', 'content-security-policy', 'ratelimit', 'ratelimit-policy', 'content-length', 'set-cookie']

/** An answer without what differs between any two, and without the name that was typed. */
function seenFrom({ status, headers, text }: Response, typed: string): string {
  const head = Object.entries(headers).filter(([name]) => !OWN.includes(name))
  const nonce = /nonce="([^"]+)"/.exec(text)?.[1] ?? 'none'
  return JSON.stringify([status, head, text.replaceAll(nonce, 'NONCE').replaceAll(typed, 'LOGIN')])
}

async function attempt(app: TestApp, login: string, password: string) {
  const before = work.count()
  const seen = seenFrom(await signInByForm(app, login, { password }), login)
  const events = app.events.filter(({ type }) => type === 'authn_login_fail').length
  return { seen, hashes: work.count() - before, events }
}

export default defineAttack({
  id: 'A104e',
  title: 'finds out who has an account by the text, status, head or work of a refused sign-in',
  control: 'signIn',
  adapters: 'all',
  options: { passwords: { hashing: work.hashing } },
  without: { heldBy: 'start-up', why: 'there is one answer and one path of work; no option makes a second' },
  async succeeds(app) {
    const system = { kind: 'system', id: 'test' } as const
    await app.signIn('member', 'known-user')
    const gone = await app.signIn('member', 'gone-user')
    await app.holdfast.accounts.users.disable(gone.userId, system)
    await app.holdfast.accounts.users.create({ login: 'bare-user' }, system)
    const wrong = await attempt(app, 'known-user', 'the wrong password for it')
    const right = await attempt(app, 'known-user', PASSWORD)
    if (right.seen === wrong.seen) throw new Error('The judge cannot tell success from failure.')
    const others = [
      await attempt(app, 'no-such-user', PASSWORD),
      await attempt(app, 'gone-user', PASSWORD),
      await attempt(app, 'bare-user', PASSWORD),
    ]
    if (others.some(({ seen }) => seen !== wrong.seen)) return true
    if (others.some(({ hashes }) => hashes !== wrong.hashes)) return true
    // One event each, and none of them is another kind.
    return others.some(({ events }, index) => events !== wrong.events + index + 1)
  },
})
