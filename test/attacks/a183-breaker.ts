import type { Response, TestApp } from '../support/app.ts'
import { defineAttack } from '../support/attack.ts'
import { sameOrigin, signInByForm } from '../support/browser.ts'
import { askedOn, solved } from '../support/challenge.ts'
import { counted } from '../support/counted-hashing.ts'
import { cookieNamed } from '../support/remembering-browser.ts'

const LIMIT = 20
const work = counted()
const options = {
  client: { trustedProxies: ['loopback'] },
  passwords: { hashing: work.hashing },
  signIn: { challenge: { failures: LIMIT, difficulty: 8 } },
} as const

/** One guess at each account, each from a network of its own: below every limit of accounts and networks. */
async function spray(app: TestApp): Promise<void> {
  for (let n = 0; n < 60; n++) {
    await signInByForm(app, `somebody-${n}`, { password: 'summer in the city', headers: { 'x-forwarded-for': `203.0.113.${n}` } })
  }
}

function send(app: TestApp, fields: Record<string, string>): Promise<Response> {
  const body = new URLSearchParams({ login: 'victim', password: 'a walrus sings at four', ...fields }).toString()
  return app.fetch('/login', { method: 'POST', headers: sameOrigin(app), body })
}

export default [
  defineAttack({
    id: 'A183',
    title: 'tries one password at many accounts, from many networks',
    control: 'signIn',
    options,
    without: { signIn: { challenge: { failures: 1_000_000 } } },
    async succeeds(app) {
      await app.signIn('member', 'victim')
      const before = work.count()
      await spray(app)
      return work.count() - before > LIMIT + 1
    },
  }),
  defineAttack({
    id: 'A183b',
    title: 'fails everywhere, so that nobody can sign in any more',
    control: 'signIn',
    options,
    without: { heldBy: 'design', why: 'what is open asks for work, and refuses nobody who does it' },
    async succeeds(app) {
      await app.signIn('member', 'victim')
      const known = cookieNamed(await signInByForm(app, 'victim'), 'hf_known')
      await spray(app)
      if ((await signInByForm(app, 'victim', { cookie: known })).status !== 303) return true
      const refused = await send(app, {})
      const asked = askedOn(refused.text)
      if (refused.status !== 403 || !asked) throw new Error(`No work was asked for: ${refused.status}.`)
      if ((await send(app, solved(asked))).status !== 303) return true
      // Without a script one waits.
      const later = askedOn((await send(app, {})).text)
      app.clock.advance(60_000)
      return (await send(app, { challenge: later?.challenge ?? '', solution: '' })).status !== 303
    },
  }),
]
