import type { Response, TestApp } from '../support/app.ts'
import { defineAttack } from '../support/attack.ts'
import { sameOrigin } from '../support/browser.ts'
import { askedOn, solved } from '../support/challenge.ts'
import { counted } from '../support/counted-hashing.ts'

const work = counted()

function send(app: TestApp, fields: Record<string, string>): Promise<Response> {
  const body = new URLSearchParams({ login: 'victim', password: 'not the right password', ...fields }).toString()
  return app.fetch('/login', { method: 'POST', headers: sameOrigin(app), body })
}

async function askedNow(app: TestApp) {
  const { text } = await app.fetch('/login', { headers: { accept: 'text/html' } })
  return askedOn(text)
}

export default defineAttack({
  id: 'A182',
  title: 'does the work once and guesses many times, or does it in advance, or not at all (L30, L92)',
  control: 'signIn',
  options: { passwords: { hashing: work.hashing }, signIn: { challenge: { when: 'always', difficulty: 8 } } },
  without: { signIn: { challenge: { when: 'attack', difficulty: 8 } } },
  async succeeds(app) {
    await app.signIn('member', 'victim')
    const [first, early] = [await askedNow(app), await askedNow(app)]
    const before = work.count()
    const given = first ? solved(first) : {}
    const answer = await send(app, given)
    if (answer.status !== 401) throw new Error(`Who does the work is answered with ${answer.status}.`)
    for (let n = 0; n < 3; n++) await send(app, given)
    await send(app, {})
    app.clock.advance(6 * 60_000)
    if (early) await send(app, solved(early))
    return work.count() - before > 1
  },
})
